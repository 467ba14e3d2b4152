import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../redis/keys.ts'
import { parseReply } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { RECORDS } from '../../redis/scripts.ts'
import { BUDGETS, type Budget } from '../lease.ts'
import { partitionOf } from '../lease-id.ts'
import type { LeaseRecord } from '../lease-store.ts'
import { fromEach } from './from-each.ts'
import { stateSchema } from './states.ts'

/** One call a partition: however many there are, nobody else waits for long. Those that are not there are left out. */
export async function readRecords(
  link: RedisLink,
  ids: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, LeaseRecord>> {
  return (await recordsThere(link, ids, now, false)).records
}

/** The same, with the partitions whose server does not answer where they may be missing. */
export async function recordsThere(link: RedisLink, ids: readonly string[], now: number, isPartial: boolean) {
  const records = new Map<string, LeaseRecord>()
  const groups = Map.groupBy(ids, partitionOf)
  const readOf = async (partition: string): Promise<void> => {
    const members = groups.get(partition) ?? []
    const prefix = partitionPrefix(partition)
    const reply = await link.run(RECORDS, [`${prefix}reads`], [prefix, now, ...members])
    for (const [index, record] of rowsOf(reply, members.length).entries()) {
      const [contract, state, ...taken] = record
      if (contract === undefined || state === undefined) continue
      const id = members[index] ?? ''
      records.set(id, {
        id,
        contract,
        state: parseReply('records', stateSchema, state),
        taken: toTaken(taken),
      })
    }
  }
  const { missing } = await fromEach([...groups.keys()], readOf, isPartial)
  return { records, missing } as const
}

/** A list of lists of words, one for each that was asked. */
export function rowsOf(reply: unknown, wanted: number): readonly (readonly string[])[] {
  if (!Array.isArray(reply) || reply.length !== wanted || !reply.every(Array.isArray)) {
    throw new RedisError('bad-reply', 'an answer of the store cannot be read')
  }
  return reply.map(row => row.map(String))
}

function toTaken(pairs: readonly string[]): Partial<Record<Budget, number>> {
  const counts = new Map<string, number>()
  for (let i = 0; i + 1 < pairs.length; i += 2) counts.set(pairs[i] ?? '', Number(pairs[i + 1]))
  return takenIn(counts)
}

export function takenIn(counts: ReadonlyMap<string, number>): Partial<Record<Budget, number>> {
  const counted = BUDGETS.map(budget => [budget, counts.get(budget) ?? 0] as const)
  return Object.fromEntries(counted.filter(([, count]) => count > 0))
}
