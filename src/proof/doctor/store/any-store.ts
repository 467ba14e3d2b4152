import type { Finding } from '../../../findings/report.ts'
import type { StoreState } from '../../../redis/store/read-store.ts'
import type { Examination } from '../examined.ts'
import { judgeCluster } from './cluster.ts'
import { undurable } from './sentinels.ts'
import { judgeStore } from './store.ts'

/** One server, or all of a cluster that have partitions: each must keep what it was told. */
export function judgeAnyStore(state: StoreState, durability: 'always' | 'everysec', durableReplicas = 0): Examination {
  const { cluster = null } = state
  if (cluster === null) return judgeStore(state, durability, durableReplicas)
  const each = cluster.servers.map(({ at, state: its }) => ({
    at,
    ...judgeStore({ ...its, cluster }, durability, durableReplicas),
  }))
  const hasReplicas = cluster.servers.some(({ state: its }) => Number(its.info.get('connected_slaves') ?? 0) > 0)
  return {
    tried: [
      'CONFIG GET, INFO and TIME of each primary of the store that has partitions, and CLUSTER NODES of every node',
    ],
    seen: each.flatMap(({ at, seen }) => seen.map(one => `${at}: ${one}`)),
    findings: [
      ...each.flatMap(({ at, findings }) => findings.map((one): Finding => ({ ...one, what: `${at}: ${one.what}` }))),
      ...judgeCluster(cluster),
      ...(hasReplicas && durableReplicas === 0 ? [undurable()] : []),
    ],
  }
}
