import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { BLOCK_MS, type RedisLink } from '../redis/connect-redis.ts'
import { partitionPrefix } from '../redis/keys.ts'
import { aborted } from '../support/shutdown.ts'
import type { LeaseEnd } from './lease-store.ts'

/** Settles when the signal is aborted. Everything after the position found first is called back once, in order. */
export async function followLeaseEnds(
  link: RedisLink,
  partition: string,
  onEnd: (end: LeaseEnd) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const redis = link.waiting('lease ends')
  // A connection that is about to reconnect never answers what was asked of it, not even after disconnect().
  await Promise.race([follow(redis, `${partitionPrefix(partition)}ends`, onEnd, signal), aborted(signal)])
  redis.disconnect()
}

async function follow(redis: Redis, key: string, onEnd: (end: LeaseEnd) => void, signal: AbortSignal): Promise<void> {
  let cursor: string | null = null
  while (!signal.aborted) {
    try {
      cursor ??= await newest(redis, key)
      for (const end of await endsAfter(redis, key, cursor)) {
        cursor = end.cursor
        onEnd(end)
      }
    } catch {
      // The server answered with an error (loading, no memory); a broken connection is mended below us.
      await pause(100, undefined, { signal }).catch(() => {})
    }
  }
}

async function newest(redis: Redis, key: string): Promise<string> {
  const [last] = await redis.xrevrange(key, '+', '-', 'COUNT', 1)
  return last?.[0] ?? '0-0'
}

/** Asked again with the same cursor after a reconnect, so that nothing is missed in between. */
async function endsAfter(redis: Redis, key: string, cursor: string): Promise<LeaseEnd[]> {
  const reply = await redis.xread('COUNT', 1000, 'BLOCK', BLOCK_MS, 'STREAMS', key, cursor)
  const items = reply?.[0]?.[1] ?? []
  return items.map(([id, fields]) => ({ lease: fields[1] ?? '', cursor: id }))
}
