import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type Authority, createAuthority } from '../pki.ts'
import { freePort } from '../process/ports.ts'
import { type Ran, run } from '../process/run.ts'
import type { Supervisor } from '../process/supervisor.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { administratorAt, type Look } from './administrator.ts'
import { writeAuditPolicy, writeKubeconfig, writeServiceAccountKey } from './files.ts'
import { writeKwokConfig } from './kwok-config.ts'

export interface ClusterOptions {
  readonly toolchain: Toolchain
  /** Empty folder of its own. */
  readonly directory: string
  readonly supervisor: Supervisor
  /** More flags for kube-apiserver. */
  readonly apiServerFlags?: readonly string[]
}

export interface Cluster {
  readonly server: string
  readonly port: number
  readonly caFile: string
  readonly authority: Authority
  readonly adminKubeconfig: string
  readonly auditLog: string
  readonly serviceAccountIssuer: string
  /** Keys of service account tokens. */
  readonly jwksFile: string
  /** kubectl as cluster admin; input goes to `-f -`. */
  readonly admin: (args: readonly string[], input?: string) => Promise<Ran>
}

/** A Kubernetes cluster of one pretended node: real API server, controllers and scheduler. Listens on loopback alone. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { directory } = options
  await mkdir(directory, { recursive: true })
  const authority = await createAuthority(directory)
  const etcd = await startEtcd(options)
  const api = await startApiServer(options, authority, etcd)
  await Promise.all([startControllers(options, api), startKwok(options, api)])
  const admin = (args: readonly string[], input?: string) =>
    run(options.toolchain.kubectl, ['--kubeconfig', api.adminKubeconfig, ...args], input === undefined ? {} : { input })
  const jwksFile = join(directory, 'jwks.json')
  await writeFile(jwksFile, (await api.look('/openid/v1/jwks')).body)
  return {
    server: `https://127.0.0.1:${api.port}`,
    port: api.port,
    caFile: authority.caFile,
    authority,
    adminKubeconfig: api.adminKubeconfig,
    auditLog: api.auditLog,
    serviceAccountIssuer: api.issuer,
    jwksFile,
    admin,
  }
}

async function startEtcd({ toolchain, directory, supervisor }: ClusterOptions): Promise<string> {
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
  await supervisor.start({
    name: 'etcd',
    command: toolchain.etcd,
    args: [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    logFile: join(directory, 'etcd.log'),
    isReady: async () => (await fetch(`${client}/health`)).ok,
  })
  return client
}

interface ApiServer {
  readonly port: number
  readonly adminKubeconfig: string
  readonly auditLog: string
  readonly issuer: string
  readonly serviceAccountKey: string
  readonly look: Look
}

async function startApiServer(options: ClusterOptions, authority: Authority, etcd: string): Promise<ApiServer> {
  const { toolchain, directory, supervisor, apiServerFlags = [] } = options
  const port = await freePort()
  const issuer = `https://127.0.0.1:${port}/`
  const auditLog = join(directory, 'audit.log')
  const serviceAccountKey = await writeServiceAccountKey(directory)
  const server = await authority.issue({
    name: 'apiserver',
    subject: 'CN=kube-apiserver',
    servedAs: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'],
  })
  const certificate = await authority.issue({ name: 'admin', subject: 'CN=admin, O=system:masters' })
  const adminKubeconfig = await writeKubeconfig(join(directory, 'admin.kubeconfig'), {
    server: `https://127.0.0.1:${port}`,
    caFile: authority.caFile,
    user: { certificate },
  })
  const look = await administratorAt(port, authority.caFile, certificate)
  await supervisor.start({
    name: 'kube-apiserver',
    command: toolchain.kubeApiserver,
    args: [
      `--etcd-servers=${etcd}`,
      `--cert-dir=${directory}`,
      `--tls-cert-file=${server.certificateFile}`,
      `--tls-private-key-file=${server.keyFile}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
      '--authorization-mode=RBAC',
      `--service-account-issuer=${issuer}`,
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      `--client-ca-file=${authority.caFile}`,
      '--anonymous-auth=false',
      '--kubelet-preferred-address-types=InternalIP',
      '--endpoint-reconciler-type=none',
      `--audit-policy-file=${await writeAuditPolicy(directory)}`,
      `--audit-log-path=${auditLog}`,
      '--audit-log-mode=blocking',
      ...apiServerFlags,
    ],
    logFile: join(directory, 'kube-apiserver.log'),
    isReady: async () => (await look('/readyz')).status === 200,
    readyWithinMs: 120_000,
  })
  return { port, adminKubeconfig, auditLog, issuer, serviceAccountKey, look }
}

async function startControllers({ toolchain, directory, supervisor }: ClusterOptions, api: ApiServer): Promise<void> {
  const common = [`--kubeconfig=${api.adminKubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1']
  const [managerPort, schedulerPort] = [await freePort(), await freePort()]
  await Promise.all([
    supervisor.start({
      name: 'kube-controller-manager',
      command: toolchain.kubeControllerManager,
      args: [
        ...common,
        `--secure-port=${managerPort}`,
        `--cert-dir=${directory}`,
        `--service-account-private-key-file=${api.serviceAccountKey}`,
        `--root-ca-file=${join(directory, 'ca.pem')}`,
        '--use-service-account-credentials=false',
      ],
      logFile: join(directory, 'kube-controller-manager.log'),
      isReady: () => answers(managerPort),
    }),
    supervisor.start({
      name: 'kube-scheduler',
      command: toolchain.kubeScheduler,
      args: [...common, `--secure-port=${schedulerPort}`, `--cert-dir=${join(directory, 'scheduler')}`],
      logFile: join(directory, 'kube-scheduler.log'),
      isReady: () => answers(schedulerPort),
    }),
  ])
}

async function startKwok({ toolchain, directory, supervisor }: ClusterOptions, api: ApiServer): Promise<void> {
  const port = await freePort()
  const config = await writeKwokConfig(directory, port)
  const kubectl = (args: readonly string[], input?: string) =>
    run(toolchain.kubectl, ['--kubeconfig', api.adminKubeconfig, ...args], input === undefined ? {} : { input })
  await kubectl(['create', '-f', '-'], JSON.stringify(NODE))
  await supervisor.start({
    name: 'kwok',
    command: toolchain.kwok,
    args: [
      `--kubeconfig=${api.adminKubeconfig}`,
      `--config=${config}`,
      '--manage-all-nodes=true',
      '--node-ip=127.0.0.1',
      '--node-name=localhost',
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
      '--cidr=10.0.0.0/24',
      // Without a lease the node counts as gone after 50 s, and its pods as not ready.
      '--node-lease-duration-seconds=40',
    ],
    cwd: directory,
    logFile: join(directory, 'kwok.log'),
    isReady: async () => isReady(JSON.parse((await api.look(`/api/v1/nodes/${NODE.metadata.name}`)).body)),
  })
}

interface Node {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(each => each.type === 'Ready' && each.status === 'True') ?? false
}

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-0',
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
    labels: { 'kubernetes.io/hostname': 'node-0' },
  },
}

/** Its certificate is its own: only that somebody speaks TLS there counts. */
async function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    socket.once('secureConnect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
