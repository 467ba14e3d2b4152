import { BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import type { Node } from '../../../local/node/node.ts'
import { RELEASE } from '../../../local/node/product/release.ts'
import { until } from '../../support/until.ts'

export const HERE = ['-n', BOUNDARY_NAMESPACE]
export const PARTS = ['authorizer', 'broker', 'envoy', 'tap'] as const

/** The release's own pods, by what is installed. */
export async function podsOf(node: Node, part: string): Promise<readonly string[]> {
  const label = `app.kubernetes.io/component=${part}`
  const names = await asked(node, ['get', 'pods', ...HERE, '-l', label, '-o', 'name'])
  return names.split('\n').flatMap(name => (name === '' ? [] : [name.replace('pod/', '')]))
}

/** Until each part has as many pods that are ready as it should. */
export async function ready(node: Node): Promise<void> {
  for (const part of PARTS) {
    const deployment = `deployment/${RELEASE}-${part}`
    await asked(node, ['rollout', 'status', deployment, ...HERE, '--timeout=240s'])
  }
  await asked(node, ['rollout', 'status', `statefulset/${RELEASE}-valkey`, ...HERE, '--timeout=240s'])
}

export async function evict(node: Node, part: string): Promise<void> {
  const [pod = ''] = await podsOf(node, part)
  const path = `/api/v1/namespaces/${BOUNDARY_NAMESPACE}/pods/${pod}/eviction`
  const metadata = { name: pod, namespace: BOUNDARY_NAMESPACE }
  const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata })
  await asked(node, ['create', '--raw', path, '-f', '-'], eviction)
  await until(`${pod} to be gone`, async () => !(await podsOf(node, part)).includes(pod), 120_000)
}

/**
 * As `kubectl drain` empties a node while there is room on another: new pods may come here at once, and it has its list already. The
 * store stays: a second one is nobody's to start.
 */
export async function drain(node: Node): Promise<void> {
  const name = await asked(node, ['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])
  const ours = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component!=valkey`
  const drained = asked(node, ['drain', name, '--pod-selector', ours, '--delete-emptydir-data', '--timeout=300s'])
  const unschedulable = ['get', 'node', name, '-o', 'jsonpath={.spec.unschedulable}']
  await Promise.race([drained, until('the cordon', async () => (await asked(node, unschedulable)) === 'true')])
  await asked(node, ['uncordon', name])
  await drained
}

export interface Container {
  readonly pod: string
  readonly name: string
}

/** The first pod's; the companion runs beside Envoy. */
export async function containerOf(node: Node, name: string): Promise<Container> {
  const [pod = ''] = await podsOf(node, name === 'companion' ? 'envoy' : name)
  return { pod, name }
}

/** Something is done to all processes of the container, by their numbers in the node; it is over when the container runs again. */
export async function startsAgain(node: Node, container: Container, happens: () => Promise<void>): Promise<void> {
  const before = await restarts(node, container)
  await happens()
  await until(`${container.name} to run again`, async () => (await restarts(node, container)) > before, 90_000)
}

export async function kill(node: Node, name: string): Promise<void> {
  const container = await containerOf(node, name)
  await startsAgain(node, container, async () => {
    await node.place.must('kill', ['-9', ...(await processesOf(node, container))])
  })
}

/** By their numbers in the node. */
export async function processesOf(node: Node, container: Container): Promise<readonly string[]> {
  const id = (await statusOf(node, container, 'containerID')).replace('containerd://', '')
  const grep = `for p in /proc/[0-9]*; do grep -q ${id} $p/cgroup 2>/dev/null && echo \${p#/proc/}; done; true`
  const found = (await node.place.must('sh', ['-c', grep])).split('\n').filter(line => line !== '')
  if (found.length === 0) throw new Error(`${container.name} of ${container.pod} has no process`)
  return found
}

export function statusOf(node: Node, { pod, name }: Container, field: string): Promise<string> {
  const path = `jsonpath={.status.containerStatuses[?(@.name=="${name}")].${field}}`
  return asked(node, ['get', 'pod', pod, ...HERE, '-o', path])
}

async function restarts(node: Node, container: Container): Promise<number> {
  return Number(await statusOf(node, container, 'restartCount'))
}

export async function allRestarts(node: Node): Promise<number> {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}'
  const counts = await asked(node, ['get', 'pods', ...HERE, '-o', path])
  return counts.split(' ').reduce((sum, count) => sum + Number(count), 0)
}

/** What kubectl says to the cluster's admin, where nothing but success will do. */
export async function asked(node: Node, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await node.admin(args, input)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}
