import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { renderCertificateSecret } from '../../../../envoy/secrets.ts'
import type { EnvoySettings } from '../../../../envoy/settings.ts'
import { AGENTS_GROUP } from '../../../../src/policy/rbac/identity.ts'
import type { Kubeconfig } from '../../../support/cluster/an-own-cluster.ts'
import { type EnvtestCluster, startEnvtest } from '../../../support/cluster/envtest.ts'
import { until } from '../../../support/until.ts'

export interface RealApiServer {
  readonly server: string
  /** An administrator's, for a client that goes past the boundary. */
  readonly credentials: { readonly ca: string; readonly cert: string; readonly key: string }
  /** How Envoy reaches it. */
  readonly settings: EnvoySettings['apiServer']
  readonly stop: () => Promise<void>
}

/** More than are asked about at once. */
export const OBJECTS = Array.from({ length: 64 }, (_, at) => `one-${at}`)

/** kube-apiserver with etcd, with these configmaps in namespace dev, which agents may read and patch. */
export async function realApiServer(): Promise<RealApiServer> {
  const cluster = await startEnvtest()
  try {
    await cluster.kubectl(['create', 'namespace', 'dev'])
    await createObjects(cluster)
    await cluster.kubectl(['create', 'role', 'edits', '-n', 'dev', '--verb=get,patch', '--resource=configmaps'])
    await cluster.kubectl(['create', 'rolebinding', 'edits', '-n', 'dev', '--role=edits', `--group=${AGENTS_GROUP}`])
    const ask = [
      'auth',
      'can-i',
      'patch',
      'configmaps',
      '-n',
      'dev',
      '--as=leasegate:bot',
      `--as-group=${AGENTS_GROUP}`,
    ]
    await until('the rights of agents', async () => (await cluster.kubectl(ask).catch(() => 'no')) === 'yes')
    return { ...(await reached(cluster)), stop: cluster.stop }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function createObjects({ kubectl }: EnvtestCluster): Promise<void> {
  const items = OBJECTS.map(name => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { turn: '0' } }))
  await kubectl(['create', '-n', 'dev', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

async function reached({ kubeconfig, directory }: EnvtestCluster): Promise<Omit<RealApiServer, 'stop'>> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig
  const { server = '', ...cluster } = clusters[0]?.cluster ?? {}
  const pem = (from: Readonly<Record<string, unknown>> | undefined, name: string) =>
    Buffer.from(String(from?.[`${name}-data`]), 'base64').toString()
  const credentials = {
    ca: pem(cluster, 'certificate-authority'),
    cert: pem(users[0]?.user, 'client-certificate'),
    key: pem(users[0]?.user, 'client-key'),
  }
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  const files = {
    certificateFile: await file('admin.pem', credentials.cert),
    keyFile: await file('admin.key', credentials.key),
  }
  const { hostname, port } = new URL(server)
  const settings = {
    host: hostname,
    port: Number(port),
    certificateName: hostname,
    caFile: await file('ca.pem', credentials.ca),
    credential: 'certificate' as const,
    secretFile: await file('admin.json', renderCertificateSecret(files)),
  }
  return { server, credentials, settings }
}
