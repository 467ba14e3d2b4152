import { join } from 'node:path'
import type { Report } from './cache.ts'
import { goTools } from './go-tools.ts'
import { KUBERNETES, kubernetesStamps } from './toolchain.ts'

/** What turns this machine into a node, beside what a cluster of pretended nodes needs. Absolute paths. */
export interface NodeTools {
  readonly kubelet: string
  readonly kubeProxy: string
  /** Folder of containerd, its shim and ctr: the first looks for the second in its PATH. */
  readonly containerd: string
  /** Carries out NetworkPolicies. */
  readonly networkPolicies: string
  /** These two run in pods. */
  readonly coredns: string
  readonly pause: string
}

const CONTAINERD = '2.2.9'
const COREDNS = '1.14.7'
const KUBE_ROUTER = '2.1.0'
const METRICS_SERVER = '0.9.0'

/** As the rest of the toolchain: built once, outside of the checkout. Only what runs real pods asks for it. */
export async function ensureNodeTools(report: Report): Promise<NodeTools> {
  const kubelet = await kubeletTools(report)
  const containerd = await containerdTools(report)
  const coredns = await goTools({
    name: `coredns-${COREDNS}`,
    module: moduleOf('coredns'),
    programs: { coredns: '.' },
    report,
  })
  const policies = await goTools({
    name: `network-policies-${KUBE_ROUTER}`,
    module: moduleOf('network-policies'),
    programs: { 'network-policies': '.' },
    report,
  })
  const pause = await goTools({ name: 'pause', module: moduleOf('pause'), programs: { pause: '.' }, report })
  return {
    kubelet: join(kubelet, 'kubelet'),
    kubeProxy: join(kubelet, 'kube-proxy'),
    containerd,
    networkPolicies: join(policies, 'network-policies'),
    coredns: join(coredns, 'coredns'),
    pause: join(pause, 'pause'),
  }
}

/** Tells what pods use, for whoever scales by it: the tests of that alone ask for it. */
export async function ensureMetricsServer(report: Report): Promise<string> {
  const folder = await goTools({
    name: `metrics-server-${METRICS_SERVER}`,
    module: moduleOf('metrics-server'),
    programs: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
    report,
  })
  return join(folder, 'metrics-server')
}

/** A module of its own: what it adds must not have kube-apiserver and the others built anew. */
function kubeletTools(report: Report): Promise<string> {
  return goTools({
    name: `kubelet-${KUBERNETES}`,
    module: moduleOf('kubelet'),
    programs: { kubelet: 'k8s.io/kubernetes/cmd/kubelet', 'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy' },
    stamps: kubernetesStamps(),
    report,
  })
}

function containerdTools(report: Report): Promise<string> {
  const containerd = 'github.com/containerd/containerd/v2'
  return goTools({
    name: `containerd-${CONTAINERD}`,
    module: moduleOf('containerd'),
    programs: {
      containerd: `${containerd}/cmd/containerd`,
      'containerd-shim-runc-v2': `${containerd}/cmd/containerd-shim-runc-v2`,
      ctr: `${containerd}/cmd/ctr`,
    },
    stamps: { [`${containerd}/version.Version`]: CONTAINERD },
    // Stores of layers that nobody uses here; some want C.
    tags: ['no_aufs', 'no_btrfs', 'no_devmapper', 'no_zfs'],
    report,
  })
}

function moduleOf(name: string): string {
  return join(import.meta.dirname, 'go', name)
}
