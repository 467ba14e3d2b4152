import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { BLOCK_MS, type RedisLink } from '../../redis/connect-redis.ts'
import { partitionPrefix } from '../../redis/keys.ts'
import { aborted } from '../../support/shutdown.ts'
import type { LeaseEnd } from '../lease-store.ts'

/** Settles when the signal is aborted. Everything that the stream still holds, and what comes, is called back once, in order. */
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
  let cursor = '0-0'
  while (!signal.aborted) {
    try {
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

/** Asked again with the same cursor after a reconnect, so that nothing is missed in between. */
async function endsAfter(redis: Redis, key: string, cursor: string): Promise<LeaseEnd[]> {
  const reply = await redis.xread('COUNT', 1000, 'BLOCK', BLOCK_MS, 'STREAMS', key, cursor)
  const items = reply?.[0]?.[1] ?? []
  return items.map(([id, fields]) => ({ lease: fields[1] ?? '', until: endOf(fields[3]), cursor: id }))
}

/** Of one that does not say, for as long as any lease may live. */
function endOf(text: string | undefined): number {
  const end = Number(text)
  return end > 0 ? end : Number.MAX_SAFE_INTEGER
}
