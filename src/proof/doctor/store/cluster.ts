import type { Finding } from '../../../findings/report.ts'
import { nameOf } from '../../../redis/guide/address.ts'
import type { ClusterState } from '../../../redis/store/read-store.ts'

/** So many primaries go on agreeing when one of them is gone. */
const ENOUGH = 3

/** Whether what is lost is taken over. */
export function judgeCluster({ nodes, servers, silent: gone }: ClusterState): readonly Finding[] {
  const views = nodes.flatMap(one => (one.kind === 'nodes' ? [one.nodes] : []))
  const owning = views.flatMap(view => view.filter(({ slots }) => slots.length > 0))
  const primaries = new Set(owning.flatMap(({ at }) => (at === null ? [] : nameOf(at))))
  return [
    ...nodes.flatMap(one => (one.kind === 'problem' ? [silent(one.node, one.why)] : [])),
    ...gone.map(away),
    ...(owning.some(({ at }) => at === null) ? [UNREACHABLE] : []),
    ...(primaries.size > 0 && primaries.size < ENOUGH ? [few(primaries.size)] : []),
    ...servers.flatMap(({ at, state }) => (Number(state.info.get('connected_slaves')) === 0 ? [lonely(at)] : [])),
    ...servers.flatMap(({ at, state }) =>
      state.config.get('cluster-allow-reads-when-down') === 'yes' ? [readsOn(at)] : [],
    ),
  ]
}

function silent(node: string, why: string): Finding {
  return {
    severity: 'warning',
    what: `node ${node} does not tell who has which part of the store: ${why}`,
    why: 'The others are asked as well. Where none of them does, nobody who has lost a node finds the one that took over.',
    mend: 'Start it, or let the user of LEASEGATE_REDIS_URL ask (ACL SETUSER USER +cluster|nodes); see which addresses the nodes tell (CLUSTER NODES).',
  }
}

function away(at: string): Finding {
  return {
    severity: 'error',
    what: `${at} has a part of the store, and does not answer`,
    why: 'Every request under the leases that it has is denied, until it is back or a replica takes over.',
    mend: 'Start it; by TLS, see that its certificate is good for this address and from LEASEGATE_REDIS_CA_FILE.',
  }
}

const UNREACHABLE: Finding = {
  severity: 'error',
  what: 'a node that has a part of the store tells no address, or no port for us',
  why: 'Who speaks TLS is told ports that do, and who does not, ports that do not. Every request under the leases that it has is denied.',
  mend: 'Let all nodes speak TLS (tls-port, tls-cluster yes), or none, as LEASEGATE_REDIS_URL does; see what they tell (CLUSTER NODES).',
}

function few(count: number): Finding {
  return {
    severity: 'warning',
    what: `${count === 1 ? 'one primary has' : `${count} primaries have`} all of the store`,
    why: 'When one of fewer than three is gone, the others are no majority, and no replica takes over.',
    mend: 'Run three primaries or more, on machines that do not fail together.',
  }
}

function lonely(at: string): Finding {
  return {
    severity: 'warning',
    what: `${at} has partitions and no replica`,
    why: 'While it is gone, every request under their leases is denied.',
    mend: 'Give it one (CLUSTER REPLICATE), on another machine.',
  }
}

function readsOn(at: string): Finding {
  return {
    severity: 'error',
    what: `${at} answers what is only read also when it is cut off from the others`,
    why: 'A stream that is open there goes on for as long as that lasts, also when its lease has ended on the other side.',
    mend: 'CONFIG SET cluster-allow-reads-when-down no, on every node and in its file.',
  }
}
