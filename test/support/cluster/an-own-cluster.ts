import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { freePort } from '../../../local/process/ports.ts'
import { type EnvtestCluster, startEnvtest } from './envtest.ts'

export interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, unknown> }[]
}

export interface OwnCluster {
  readonly cluster: EnvtestCluster
  /** Settings of a shell that somebody works in. */
  readonly env: Readonly<Record<string, string>>
  /** Writes the administrator's kubeconfig with a change; its path. */
  readonly kubeconfig: (change?: (config: Kubeconfig) => void) => Promise<string>
  /** For an administrator with a token. */
  readonly withToken: () => Promise<string>
  /** With an exec plugin that hands out a client certificate, and a server whose certificate has another name. */
  readonly withPlugin: () => Promise<string>
  /** What must never show anywhere: the administrator's token and key, and what else the shell holds. */
  readonly secrets: readonly string[]
  /** Every object there is, but for those that the cluster itself makes and drops all the time. */
  readonly objects: () => Promise<readonly string[]>
  readonly stop: () => Promise<void>
}

/** Somebody's cluster and their ways into it, with the service account that the first policy speaks of. */
export async function anOwnCluster(flags: readonly string[] = []): Promise<OwnCluster> {
  const cluster = await startEnvtest(flags)
  const home = await mkdtemp(join(tmpdir(), 'lg-own-'))
  await cluster.kubectl(['create', 'serviceaccount', 'trial-agent'])
  const token = await adminToken(cluster)
  const admin = parse(await readFile(cluster.kubeconfig, 'utf8')) as Kubeconfig
  const plugin = await writePlugin(home, admin)
  let written = 0
  const kubeconfig = async (change: (config: Kubeconfig) => void = () => undefined) => {
    const config = structuredClone(admin)
    change(config)
    const file = join(home, `${written++}.kubeconfig`)
    await writeFile(file, stringify(config))
    return file
  }
  const as = (user: Record<string, unknown>, change: (cluster: Record<string, string>) => void = () => undefined) =>
    kubeconfig(({ users, clusters }) => {
      for (const each of users) each.user = user
      for (const { cluster: it } of clusters) change(it)
    })
  return {
    cluster,
    env: { XDG_STATE_HOME: join(home, 'state'), CLOUD_SECRET: 'secret-of-a-cloud', KUBECONFIG: cluster.kubeconfig },
    kubeconfig,
    withToken: () => as({ token }),
    withPlugin: () => as({ exec: { ...PLUGIN, command: plugin } }, underAnotherName),
    secrets: [token, ...keyOf(admin), 'secret-of-a-cloud'],
    objects: () => objectsOf(cluster),
    stop: async () => {
      await cluster.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Two free ports, as options. */
export async function ports(): Promise<readonly string[]> {
  return ['--port', `${await freePort()}`, '--broker-port', `${await freePort()}`]
}

function underAnotherName(cluster: Record<string, string>): void {
  cluster['server'] = `${cluster['server']}`.replace('127.0.0.1', 'localhost')
  cluster['tls-server-name'] = '127.0.0.1'
}

async function adminToken({ kubectl }: EnvtestCluster): Promise<string> {
  await kubectl(['create', 'serviceaccount', 'platform', '-n', 'kube-system'])
  const whom = '--serviceaccount=kube-system:platform'
  await kubectl(['create', 'clusterrolebinding', 'platform', '--clusterrole=cluster-admin', whom])
  return kubectl(['create', 'token', 'platform', '-n', 'kube-system'])
}

const EXEC_API = 'client.authentication.k8s.io/v1'
const PLUGIN = { apiVersion: EXEC_API, interactiveMode: 'Never' }

async function writePlugin(home: string, admin: Kubeconfig): Promise<string> {
  const status = { clientCertificateData: decoded(admin, 'client-certificate-data'), clientKeyData: key(admin) }
  const file = join(home, 'plugin')
  const credential = JSON.stringify({ apiVersion: EXEC_API, kind: 'ExecCredential', status })
  await writeFile(file, `#!/bin/sh\ncat <<'END'\n${credential}\nEND\n`)
  await chmod(file, 0o700)
  return file
}

/** A line of the key itself, and the beginning of what the kubeconfig holds. */
function keyOf(admin: Kubeconfig): readonly string[] {
  const [, line = ''] = key(admin).split('\n')
  return [line, `${admin.users[0]?.user['client-key-data']}`.slice(0, 60)]
}

function key(admin: Kubeconfig): string {
  return decoded(admin, 'client-key-data')
}

function decoded(admin: Kubeconfig, field: string): string {
  return Buffer.from(`${admin.users[0]?.user[field]}`, 'base64').toString()
}

async function objectsOf({ kubectl }: EnvtestCluster): Promise<readonly string[]> {
  const columns = 'custom-columns=K:.kind,N:.metadata.namespace,A:.metadata.name,U:.metadata.uid'
  const found = await Promise.all(
    ['--namespaced=false', '--namespaced=true'].map(async which => {
      const all = (await kubectl(['api-resources', '--verbs=list', which, '-o', 'name'])).split('\n')
      const kinds = all.filter(kind => !/^(?:events|leases|componentstatuses)\b/.test(kind)).join(',')
      return kubectl(['get', kinds, '--all-namespaces', '--no-headers', '-o', columns])
    }),
  )
  const lines = found.flatMap(text => text.split('\n')).map(line => line.trim().replace(/\s+/g, ' '))
  return lines.filter(line => line !== '').sort()
}
