import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { ENDS_KEPT, partitionPrefix } from '../../redis/keys.ts'
import { BLOCK_MS } from '../../redis/server-link.ts'
import { aborted } from '../../support/process/shutdown.ts'
import { MOST_NARROWINGS, type Turn } from '../lease.ts'
import type { EndNews } from '../lease-store.ts'
import { STOP_ACTS } from '../stop/stop.ts'

/**
 * Settles when the signal is aborted. Everything that the stream still holds, and what comes, is called back in order, once. After a
 * reconnect it is read from the beginning: another server may have given the same places to other news.
 */
export async function followLeaseEnds(
  link: RedisLink,
  partition: string,
  onNews: (news: EndNews) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const redis = link.waiting('lease ends', `${partitionPrefix(partition)}ends`)
  // A connection that is about to reconnect never answers what was asked of it, not even after disconnect().
  await Promise.race([follow(redis, partition, onNews, signal), aborted(signal)])
  redis.disconnect()
}

/** More than a stream holds. */
const MOST_HEARD = 2 * ENDS_KEPT

async function follow(
  redis: Redis,
  partition: string,
  onNews: (news: EndNews) => void,
  signal: AbortSignal,
): Promise<void> {
  let cursor = '0-0'
  let isAnew = false
  const heard = new Set<string>()
  redis.on('close', () => {
    isAnew = true
  })
  while (!signal.aborted) {
    if (isAnew) cursor = '0-0'
    else if (heard.size > MOST_HEARD) heard.clear()
    isAnew = false
    try {
      for (const news of await newsAfter(redis, partition, cursor)) {
        cursor = news.cursor
        const what = JSON.stringify(news)
        if (!heard.has(what)) onNews(news)
        heard.add(what)
      }
    } catch {
      // The server answered with an error (loading, no memory); a broken connection is mended below us.
      await pause(100, undefined, { signal }).catch(() => {})
    }
  }
}

async function newsAfter(redis: Redis, partition: string, cursor: string): Promise<EndNews[]> {
  const key = `${partitionPrefix(partition)}ends`
  const reply = await redis.xread('COUNT', 1000, 'BLOCK', BLOCK_MS, 'STREAMS', key, cursor)
  const items = reply?.[0]?.[1] ?? []
  return items.map(([id, fields]) => toNews(partition, id, fields))
}

/** Of anything that cannot be read: news that makes everybody ask. */
function toNews(partition: string, cursor: string, fields: readonly string[]): EndNews {
  const [what, name = '', , second, , third, , epoch, , acts] = fields
  if (what === 'lease') return { kind: 'lease', lease: name, until: timeOf(second), cursor }
  const was = Number(second)
  if (what === 'narrowed' && was >= 0 && was < MOST_NARROWINGS)
    return { kind: 'narrowed', lease: name, was, until: timeOf(third), cursor }
  const act = STOP_ACTS.find(one => one === second) ?? 'freeze'
  return { kind: 'stop', partition, subject: name, act, at: timeOf(third), turn: turnOf(epoch, acts), cursor }
}

function turnOf(epoch: string | undefined, acts: string | undefined): Turn | null {
  const turn = { epoch: Number(epoch), acts: Number(acts) }
  return Number.isSafeInteger(turn.epoch) && Number.isSafeInteger(turn.acts) ? turn : null
}

/** Of one that does not say, for as long as any lease may live. */
function timeOf(text: string | undefined): number {
  const time = Number(text)
  return time > 0 ? time : Number.MAX_SAFE_INTEGER
}
