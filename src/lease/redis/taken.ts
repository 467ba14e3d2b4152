import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../redis/keys.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { partitionOf } from '../lease-id.ts'
import type { TakenSoFar } from '../lease-store.ts'
import { takenIn } from './records.ts'
import { knownPartition } from './states.ts'

/** As the script that commits counts it: `taken:<id>`, `taken:objects:<id>`, `asks:<id>`. */
export async function readTaken(link: RedisLink, id: string, partitions: number): Promise<TakenSoFar> {
  if (!knownPartition(id, partitions)) throw new RedisError('refused', 'taken: not a lease of this store')
  const prefix = partitionPrefix(partitionOf(id))
  const [taken, objects, questions] = await Promise.all([
    link.ask('taken', redis => redis.hgetall(`${prefix}taken:${id}`)),
    link.ask('taken', redis => redis.hgetall(`${prefix}taken:objects:${id}`)),
    link.ask('taken', redis => redis.get(`${prefix}asks:${id}`)),
  ])
  const counts = Object.entries({ ...taken, questions: questions ?? '0' })
  // What is no number is as good as all of it.
  const read = new Map(
    counts.map(([budget, count]) => [budget, Number.isNaN(Number(count)) ? Infinity : Number(count)]),
  )
  return { counts: takenIn(read), objects: new Set(Object.keys(objects)) }
}
