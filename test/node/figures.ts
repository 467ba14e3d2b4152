import { BOUNDARY_NAMESPACE } from '../../local/edition/cluster/boundary-namespace.ts'
import { NODE_NAME } from '../../local/node/machine.ts'
import type { Node } from '../../local/node/node.ts'
import { asked } from './faults/parts.ts'

export interface Used {
  readonly container: string
  /** As the kubelet counts what it would evict by. */
  readonly workingSetMb: number
  /** Cores, over the last seconds. */
  readonly cores: number
}

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string }
    readonly containers?: readonly {
      readonly name: string
      readonly cpu?: { readonly usageNanoCores?: number }
      readonly memory?: { readonly workingSetBytes?: number }
    }[]
  }[]
}

/** What each container of the release uses, the largest first: by the kubelet. */
export async function used(node: Node): Promise<readonly Used[]> {
  const text = await asked(node, ['get', '--raw', `/api/v1/nodes/${NODE_NAME}/proxy/stats/summary`])
  const { pods } = JSON.parse(text) as Summary
  return pods
    .filter(({ podRef }) => podRef.namespace === BOUNDARY_NAMESPACE)
    .flatMap(({ containers = [] }) => containers)
    .map(({ name, cpu, memory }) => ({
      container: name,
      workingSetMb: Math.round((memory?.workingSetBytes ?? 0) / 1e6),
      cores: (cpu?.usageNanoCores ?? 0) / 1e9,
    }))
    .toSorted((a, b) => b.workingSetMb - a.workingSetMb)
}

/** Of the image that all parts but Envoy and the store have, unpacked, in MB. */
export async function imageMb(node: Node): Promise<number> {
  const text = await asked(node, ['get', 'nodes', '-o', 'jsonpath={.items[0].status.images}'])
  const images = JSON.parse(text) as readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]
  const bytes = images.find(({ names }) => names.includes(node.images.product))?.sizeBytes ?? Number.NaN
  return Math.round(bytes / 1e6)
}
