import type { RedisLink } from './connect-redis.ts'
import type { SentinelSaid } from './sentinel/sentinel.ts'

/** What a Redis or Valkey says of itself. What a managed server does not tell is missing. */
export interface StoreState {
  /** Its clock minus ours, milliseconds, as near as the round trip allows. */
  readonly skewMs: number
  /** By the names of CONFIG. */
  readonly config: ReadonlyMap<string, string>
  /** By the names of INFO. */
  readonly info: ReadonlyMap<string, string>
  /** Null where it is reached without them. */
  readonly sentinels?: readonly SentinelSaid[] | null
}

const WANTED = ['appendonly', 'appendfsync', 'maxmemory-policy', 'maxmemory', 'min-replicas-to-write']

/** Rejects with a RedisError when it cannot be asked. */
export async function readStore(link: RedisLink, now: () => number): Promise<StoreState> {
  const before = now()
  const [seconds, micros] = await link.ask('time', redis => redis.time())
  const skewMs = Number(seconds) * 1000 + Number(micros) / 1000 - (before + now()) / 2
  const [config, info, sentinels] = await Promise.all([readConfig(link), readInfo(link), link.sentinels()])
  return { skewMs, config, info, sentinels }
}

/** Managed servers may refuse CONFIG. */
async function readConfig(link: RedisLink): Promise<ReadonlyMap<string, string>> {
  const read = async (name: string): Promise<[string, string][]> => {
    const reply = await link.ask('config', redis => redis.config('GET', name)).catch(() => [])
    const [, value] = Array.isArray(reply) ? reply.map(String) : []
    return value === undefined ? [] : [[name, value]]
  }
  return new Map((await Promise.all(WANTED.map(read))).flat())
}

async function readInfo(link: RedisLink): Promise<ReadonlyMap<string, string>> {
  const text = await link.ask('info', redis => redis.info()).catch(() => '')
  const lines = text.split('\r\n').filter(line => line.includes(':') && !line.startsWith('#'))
  return new Map(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}
