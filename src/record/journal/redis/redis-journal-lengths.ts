import type { RedisLink } from '../../../redis/connect/connect-redis.ts'
import type { StreamLag } from '../journal.ts'
import { toStreams } from './redis-journal-streams.ts'

/** How much is not on record yet, for parts that may count the journal and not read it: of ages and dead letters they know nothing. */
export function journalLengths(link: RedisLink, partitions: number): Promise<readonly StreamLag[]> {
  return Promise.all(
    toStreams(partitions).map(async ({ name, key }) => {
      const [length, bytes] = await Promise.all([
        link.ask('lengths', redis => redis.xlen(key)),
        link.ask('lengths', redis => redis.get(`${key}:bytes`)),
      ])
      return { stream: name, length, bytes: Number(bytes ?? 0), oldestAt: null, deadLetters: 0 }
    }),
  )
}
