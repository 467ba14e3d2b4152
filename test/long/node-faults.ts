import { BOUNDARY_NAMESPACE } from '../../local/edition/boundary-namespace.ts'
import { whyNoNode } from '../../local/node/packages.ts'
import { RELEASE } from '../../local/node/product/release.ts'
import { startNodeWithProduct } from '../node/start.ts'
import { recorded, underLoad } from '../node/under-load.ts'
import { until } from '../support/until.ts'

/**
 * A real node under load while pods are evicted, names cannot be found, and each process is killed in its container.
 * An eviction fails no request; a kill may fail those that were on their way through what died, for some seconds and no longer.
 * node test/long/node-faults.ts [requests a second, default 10]
 */
const PER_SECOND = Number(process.argv[2] ?? 10)
const WITHOUT_NAMES_MS = 60_000
/** Requests that may fail when a process dies: what was sent within three seconds. */
const LOST_BY_A_KILL = 3 * PER_SECOND

const why = whyNoNode()
if (why !== null) {
  console.log(`not run here: ${why}`)
  process.exit()
}
const { node, product, stop } = await startNodeWithProduct()
const faults: string[] = []
try {
  for (const part of ['authorizer', 'broker', 'envoy']) await scenario(`eviction of ${part}`, 0, () => evict(part))
  for (const container of ['authorizer', 'broker', 'companion', 'envoy', 'tap']) {
    await scenario(`kill -9 of ${container}`, LOST_BY_A_KILL, () => kill(container))
  }
  await withoutNames()
} finally {
  await stop()
}
if (faults.length > 0) throw new Error(faults.join('\n'))

async function scenario(what: string, mayFail: number, happens: () => Promise<void>): Promise<void> {
  const { sent, failures, lease } = await underLoad(node, product, PER_SECOND, async () => {
    await happens()
    await ready()
  })
  const { states } = await recorded(node, product, lease)
  console.log(JSON.stringify({ what, sent, failed: failures.length, states }))
  for (const failure of failures.slice(0, 5)) console.log(`  ${failure}`)
  if (failures.length > mayFail) faults.push(`${what}: ${failures.length} of ${sent} requests failed`)
}

async function evict(part: string): Promise<void> {
  const [pod = ''] = await pods(part)
  const path = `/api/v1/namespaces/${BOUNDARY_NAMESPACE}/pods/${pod}/eviction`
  const metadata = { name: pod, namespace: BOUNDARY_NAMESPACE }
  const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata })
  const { code, stderr } = await node.admin(['create', '--raw', path, '-f', '-'], eviction)
  if (code !== 0) throw new Error(stderr)
  await until(`${pod} to be gone`, async () => !(await pods(part)).includes(pod), 120_000)
}

/** The container's first process, as the node sees it. */
async function kill(container: string): Promise<void> {
  const part = container === 'companion' ? 'envoy' : container
  const [pod = ''] = await pods(part)
  const before = await restarts(pod, container)
  const found = await node.admin(['get', 'pod', pod, '-n', BOUNDARY_NAMESPACE, '-o', containerId(container)])
  const id = found.stdout.replace('containerd://', '')
  const shim = `for p in /proc/[0-9]*; do grep -q ${id} $p/cgroup 2>/dev/null && kill -9 \${p#/proc/}; done`
  await node.place.must('sh', ['-c', shim])
  await until(`${container} to run again`, async () => (await restarts(pod, container)) > before, 60_000)
}

/** Nobody restarts for want of names, and what is open goes on. */
async function withoutNames(): Promise<void> {
  const scale = (to: number) => node.admin(['scale', 'deployment/coredns', '-n', 'kube-system', `--replicas=${to}`])
  const before = await allRestarts()
  await scale(0)
  await new Promise(resolve => setTimeout(resolve, WITHOUT_NAMES_MS))
  await scale(1)
  await ready()
  const after = await allRestarts()
  console.log(JSON.stringify({ what: 'no names for a minute', restarts: { before, after } }))
  if (after !== before) faults.push(`without names ${after} restarts instead of ${before}`)
}

async function ready(): Promise<void> {
  const parts = ['authorizer', 'broker', 'envoy', 'tap'].map(part => `deployment/${RELEASE}-${part}`)
  const wait = ['wait', '-n', BOUNDARY_NAMESPACE, '--for=condition=Available', '--timeout=180s', ...parts]
  const { code, stderr } = await node.admin(wait)
  if (code !== 0) throw new Error(stderr)
}

async function pods(part: string): Promise<readonly string[]> {
  const label = `app.kubernetes.io/component=${part}`
  const { stdout } = await node.admin(['get', 'pods', '-n', BOUNDARY_NAMESPACE, '-l', label, '-o', 'name'])
  return stdout.split('\n').flatMap(name => (name === '' ? [] : [name.replace('pod/', '')]))
}

function containerId(container: string): string {
  return `jsonpath={.status.containerStatuses[?(@.name=="${container}")].containerID}`
}

async function restarts(pod: string, container: string): Promise<number> {
  const path = `jsonpath={.status.containerStatuses[?(@.name=="${container}")].restartCount}`
  return Number((await node.admin(['get', 'pod', pod, '-n', BOUNDARY_NAMESPACE, '-o', path])).stdout)
}

async function allRestarts(): Promise<number> {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}'
  const { stdout } = await node.admin(['get', 'pods', '-n', BOUNDARY_NAMESPACE, '-o', path])
  return stdout.split(' ').reduce((sum, count) => sum + Number(count), 0)
}
