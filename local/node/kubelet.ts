import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { writeKubeconfig } from '../cluster/files.ts'
import type { NodeTools } from '../toolchain/node-tools.ts'
import { CGROUP } from './cgroups.ts'
import { type ControlPlane, KUBELET_SUBJECT } from './control-plane.ts'
import { DNS_ADDRESS, NODE_ADDRESS, NODE_NAME, SERVICE_NETWORK } from './machine.ts'
import type { Place } from './place.ts'
import { RUNTIME_SOCKET } from './runtime.ts'

interface Options {
  readonly place: Place
  readonly tools: NodeTools
  readonly directory: string
  readonly controlPlane: ControlPlane
  readonly kubectl: (args: readonly string[]) => Promise<string>
}

/** What makes pods run, services be reached and NetworkPolicies hold; up when the node is Ready. */
export async function startKubelet(options: Options): Promise<void> {
  const { place, tools, directory, controlPlane, kubectl } = options
  await place.start({
    name: 'kubelet',
    command: tools.kubelet,
    args: [
      `--config=${await writeConfig(options)}`,
      `--kubeconfig=${await writeIdentity(options)}`,
      `--root-dir=${join(directory, 'kubelet')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
    ],
    logFile: join(directory, 'kubelet.log'),
    isReady: async () => {
      const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.spec.podCIDR}'
      return /^True 10\./.test(await kubectl(['get', 'node', NODE_NAME, '-o', ready]))
    },
    readyWithinMs: 120_000,
  })
  await place.start({
    name: 'kube-proxy',
    command: tools.kubeProxy,
    args: [`--config=${await writeProxyConfig(directory, controlPlane.adminKubeconfig)}`],
    logFile: join(directory, 'kube-proxy.log'),
    isReady: async () => (await place.run('nft', ['list', 'table', 'ip', 'kube-proxy'])).code === 0,
  })
  await place.start({
    name: 'network-policies',
    command: tools.networkPolicies,
    args: [...['-kubeconfig', controlPlane.adminKubeconfig, '-node', NODE_NAME], ...['-service-cidr', SERVICE_NETWORK]],
    logFile: join(directory, 'network-policies.log'),
    isReady: async () => (await place.run('iptables', ['-S', 'KUBE-ROUTER-FORWARD'])).code === 0,
  })
}

/** Its own: what it may do is what the Node authorizer and NodeRestriction leave. */
async function writeIdentity({ directory, controlPlane }: Options): Promise<string> {
  const { authority, server } = controlPlane
  const certificate = await authority.issue({ name: 'kubelet', subject: KUBELET_SUBJECT })
  const access = { server, caFile: authority.caFile, user: { certificate } }
  return writeKubeconfig(join(directory, 'kubelet.kubeconfig'), access)
}

async function writeConfig({ directory, controlPlane: { authority } }: Options): Promise<string> {
  const file = join(directory, 'kubelet.yaml')
  const resolvConf = join(directory, 'resolv.conf')
  await writeFile(resolvConf, 'nameserver 127.0.0.1\n')
  const servedAs = [NODE_ADDRESS, NODE_NAME]
  const server = await authority.issue({ name: 'kubelet-server', subject: KUBELET_SUBJECT, servedAs })
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: CGROUP,
    containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET}`,
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: 'cluster.local',
    resolvConf,
    volumePluginDir: join(directory, 'volume-plugins'),
    podLogsDir: join(directory, 'pods'),
    authentication: { x509: { clientCAFile: authority.caFile }, anonymous: { enabled: false } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: server.certificateFile,
    tlsPrivateKeyFile: server.keyFile,
    failSwapOn: false,
    // It finds what it wants, and sets nothing.
    protectKernelDefaults: true,
    // This machine's disk and memory are for others to look after.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    serializeImagePulls: false,
    maxPods: 60,
    // ConfigMaps, Secrets and the node's state are seen soon: somebody waits for them.
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '5s',
  }
  await writeFile(file, stringify(config))
  return file
}

async function writeProxyConfig(directory: string, kubeconfig: string): Promise<string> {
  const file = join(directory, 'kube-proxy.yaml')
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    hostnameOverride: NODE_NAME,
    clusterCIDR: '10.244.0.0/16',
    // Counters of the whole machine, which are nobody's to set here.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  }
  await writeFile(file, stringify(config))
  return file
}
