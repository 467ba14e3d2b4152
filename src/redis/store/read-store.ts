import type { NodeSaid } from '../cluster/cluster-node.ts'
import type { RedisLink } from '../connect/connect-redis.ts'
import { RedisError } from '../redis-error.ts'
import type { SentinelSaid } from '../sentinel/sentinel.ts'

/** What a Redis or Valkey says of itself. What a managed server does not tell is missing. */
export interface StoreState {
  /** Its clock minus ours, milliseconds, as near as the round trip allows. */
  readonly skewMs: number
  /** By the names of CONFIG. */
  readonly config: ReadonlyMap<string, string>
  /** By the names of INFO. */
  readonly info: ReadonlyMap<string, string>
  /** Whether it is there, by which a write is known to be on disk; null where that cannot be told. */
  readonly knowsWaitaof?: boolean | null
  /** Null where it is reached without them. */
  readonly sentinels?: readonly SentinelSaid[] | null
  /** Null where it is no cluster; the rest is then of one of its primaries. */
  readonly cluster?: ClusterState | null
}

export interface ClusterState {
  /** Primaries that have partitions, with what each says of itself. */
  readonly servers: readonly { readonly at: string; readonly state: StoreState }[]
  /** Those of them that do not answer. */
  readonly silent: readonly string[]
  readonly nodes: readonly NodeSaid[]
}

const WANTED = [
  'appendonly',
  'appendfsync',
  'maxmemory-policy',
  'maxmemory',
  'min-replicas-to-write',
  'cluster-allow-reads-when-down',
]

type Asked = Pick<RedisLink, 'ask'>

/** Rejects with a RedisError when it cannot be asked. */
export async function readStore(link: RedisLink, now: () => number): Promise<StoreState> {
  const [nodes, sentinels] = await Promise.all([link.nodes(), link.sentinels()])
  const read = async ({ at, link: its }: { readonly at: string; readonly link: Asked }) => ({
    at,
    state: await readServer(its, now),
  })
  const asked = link.servers()
  const settled = await Promise.allSettled(asked.map(read))
  const servers = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  const [first] = servers
  for (const one of settled) if (one.status === 'rejected' && (nodes === null || first === undefined)) throw one.reason
  if (first === undefined) throw new RedisError('unavailable', 'no node of the cluster tells where any partition is')
  const silent = asked.flatMap(({ at }, index) => (settled[index]?.status === 'rejected' ? [at] : []))
  return { ...first.state, sentinels, cluster: nodes === null ? null : { servers, silent, nodes } }
}

async function readServer(link: Asked, now: () => number): Promise<StoreState> {
  const before = now()
  const [seconds, micros] = await link.ask('time', redis => redis.time())
  const skewMs = Number(seconds) * 1000 + Number(micros) / 1000 - (before + now()) / 2
  const [config, info, knowsWaitaof] = await Promise.all([readConfig(link), readInfo(link), tryWaitaof(link)])
  return { skewMs, config, info, knowsWaitaof }
}

/** For no disk and no replica: it answers at once. Managed servers leave commands out, whatever their version; others keep it from this user. */
function tryWaitaof(link: Asked): Promise<boolean | null> {
  return link.ask('waitaof', redis =>
    redis.call('WAITAOF', '0', '0', '0').then(
      () => true,
      // Nothing else of the answer tells it: a command that is kept from a user has a code of its own, NOPERM.
      (error: Error) => (error.message.startsWith('ERR unknown command') ? false : null),
    ),
  )
}

/** Managed servers may refuse CONFIG. */
async function readConfig(link: Asked): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string): Promise<[string, string][]> => {
    const reply = await link.ask('config', redis => redis.config('GET', name)).catch(() => [])
    const [, value] = Array.isArray(reply) ? reply.map(String) : []
    return value === undefined ? [] : [[name, value]]
  }
  return new Map((await Promise.all(WANTED.map(read))).flat())
}

async function readInfo(link: Asked): Promise<ReadonlyMap<string, string>> {
  const text = await link.ask('info', redis => redis.info()).catch(() => '')
  const lines = text.split('\r\n').filter(line => line.includes(':') && !line.startsWith('#'))
  return new Map(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}
