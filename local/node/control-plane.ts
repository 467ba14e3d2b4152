import { join } from 'node:path'
import { writeAuditPolicy, writeKubeconfig, writeServiceAccountKey } from '../cluster/files.ts'
import type { Authority } from '../pki.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { API_SERVICE_ADDRESS, NODE_ADDRESS, NODE_NAME, SERVICE_NETWORK } from './machine.ts'
import type { Place } from './place.ts'

export interface ControlPlane {
  readonly server: string
  readonly adminKubeconfig: string
  readonly auditLog: string
  readonly authority: Authority
}

export interface ControlPlaneOptions {
  readonly place: Place
  readonly toolchain: Toolchain
  readonly directory: string
  readonly authority: Authority
}

export const SERVICE_ACCOUNT_ISSUER = 'https://kubernetes.default.svc.cluster.local'
const FRONT_PROXY = 'front-proxy-client'
const ETCD = 'http://127.0.0.1:2379'
const ETCD_PEER = 'http://127.0.0.1:2380'

/** etcd, API server, controllers and scheduler, in the node's own network: as a small cluster has them, Node authorizer included. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { directory, authority } = options
  await startEtcd(options)
  const server = `https://${NODE_ADDRESS}:6443`
  const certificate = await authority.issue({ name: 'admin', subject: 'CN=admin, O=system:masters' })
  const access = { server, caFile: authority.caFile, user: { certificate } }
  const adminKubeconfig = await writeKubeconfig(join(directory, 'admin.kubeconfig'), access)
  const serviceAccountKey = await writeServiceAccountKey(directory)
  const auditLog = join(directory, 'audit.log')
  await startApiServer(options, { adminKubeconfig, serviceAccountKey, auditLog })
  await startControllers(options, { adminKubeconfig, serviceAccountKey })
  return { server, adminKubeconfig, auditLog, authority }
}

async function startEtcd({ place, toolchain, directory }: ControlPlaneOptions): Promise<void> {
  await place.start({
    name: 'etcd',
    command: toolchain.etcd,
    args: [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      `--listen-peer-urls=${ETCD_PEER}`,
      `--initial-advertise-peer-urls=${ETCD_PEER}`,
      `--initial-cluster=default=${ETCD_PEER}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    logFile: join(directory, 'etcd.log'),
    // Whoever starts next waits for it.
    isReady: async () => true,
  })
}

interface ApiServerFiles {
  readonly adminKubeconfig: string
  readonly serviceAccountKey: string
  readonly auditLog: string
}

async function startApiServer(options: ControlPlaneOptions, files: ApiServerFiles): Promise<void> {
  const { place, toolchain, directory, authority } = options
  const { adminKubeconfig, serviceAccountKey, auditLog } = files
  const server = await authority.issue({ name: 'apiserver', subject: 'CN=kube-apiserver', servedAs: SERVED_AS })
  const subject = 'CN=kube-apiserver-kubelet-client, O=system:masters'
  const kubelet = await authority.issue({ name: 'kubelet-client', subject })
  const proxy = await authority.issue({ name: 'front-proxy', subject: `CN=${FRONT_PROXY}` })
  await place.start({
    name: 'kube-apiserver',
    command: toolchain.kubeApiserver,
    args: [
      `--etcd-servers=${ETCD}`,
      `--cert-dir=${directory}`,
      `--tls-cert-file=${server.certificateFile}`,
      `--tls-private-key-file=${server.keyFile}`,
      `--advertise-address=${NODE_ADDRESS}`,
      '--secure-port=6443',
      `--service-cluster-ip-range=${SERVICE_NETWORK}`,
      '--allow-privileged=true',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--service-account-issuer=${SERVICE_ACCOUNT_ISSUER}`,
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      `--client-ca-file=${authority.caFile}`,
      `--kubelet-certificate-authority=${authority.caFile}`,
      `--kubelet-client-certificate=${kubelet.certificateFile}`,
      `--kubelet-client-key=${kubelet.keyFile}`,
      '--kubelet-preferred-address-types=InternalIP',
      // To API servers behind it, such as that of metrics, it says who asks.
      `--proxy-client-cert-file=${proxy.certificateFile}`,
      `--proxy-client-key-file=${proxy.keyFile}`,
      `--requestheader-client-ca-file=${authority.caFile}`,
      `--requestheader-allowed-names=${FRONT_PROXY}`,
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--audit-policy-file=${await writeAuditPolicy(directory)}`,
      `--audit-log-path=${auditLog}`,
      '--audit-log-mode=blocking',
    ],
    logFile: join(directory, 'kube-apiserver.log'),
    // Not before its own roles are there: controllers and scheduler would end at once.
    isReady: async () => {
      const ready = ['--kubeconfig', adminKubeconfig, 'get', '--raw', '/readyz']
      return (await place.run(toolchain.kubectl, ready)).code === 0
    },
    readyWithinMs: 120_000,
  })
}

const SERVED_AS = [
  NODE_ADDRESS,
  API_SERVICE_ADDRESS,
  '127.0.0.1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]

async function startControllers(
  { place, toolchain, directory, authority }: ControlPlaneOptions,
  { adminKubeconfig, serviceAccountKey }: Pick<ApiServerFiles, 'adminKubeconfig' | 'serviceAccountKey'>,
): Promise<void> {
  const common = [`--kubeconfig=${adminKubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1']
  await place.start({
    name: 'kube-controller-manager',
    command: toolchain.kubeControllerManager,
    args: [
      ...common,
      `--cert-dir=${join(directory, 'controller-manager')}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      `--root-ca-file=${authority.caFile}`,
      '--use-service-account-credentials=true',
      '--allocate-node-cidrs=true',
      '--cluster-cidr=10.244.0.0/16',
      '--node-cidr-mask-size=24',
    ],
    logFile: join(directory, 'kube-controller-manager.log'),
    isReady: async () => true,
  })
  await place.start({
    name: 'kube-scheduler',
    command: toolchain.kubeScheduler,
    args: [...common, `--cert-dir=${join(directory, 'scheduler')}`],
    logFile: join(directory, 'kube-scheduler.log'),
    isReady: async () => true,
  })
}

export const KUBELET_SUBJECT = `CN=system:node:${NODE_NAME}, O=system:nodes`
