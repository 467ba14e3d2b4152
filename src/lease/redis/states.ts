import { z } from 'zod'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../redis/keys.ts'
import { parseReply } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { STATES } from '../../redis/scripts.ts'
import type { LeaseState } from '../lease.ts'
import { isLeaseId, partitionOf } from '../lease-id.ts'

const act = { by: z.string(), reason: z.string(), at: z.number() }
export const endedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('revoked'), ...act }),
  z.object({ kind: z.literal('frozen'), ...act }),
  z.object({ kind: z.literal('expired') }),
  z.object({ kind: z.literal('unknown') }),
])
export const stateSchema = z.discriminatedUnion('kind', [
  ...endedSchema.options,
  z.object({ kind: z.literal('active') }),
]) satisfies z.ZodType<LeaseState>

export function knownPartition(id: string, partitions: number): boolean {
  return isLeaseId(id) && Number.parseInt(partitionOf(id), 16) < partitions
}

/** One call holds up the server no longer than this many leases take. */
const CHUNK = 500

/** One call a partition and chunk; ids that no lease of ours could have are unknown. */
export async function readStates(
  link: RedisLink,
  ids: readonly string[],
  now: number,
  partitions: number,
): Promise<readonly LeaseState[]> {
  const known = Map.groupBy(
    ids.filter(id => knownPartition(id, partitions)),
    partitionOf,
  )
  const found = new Map<string, LeaseState>()
  const reading = [...known].flatMap(([partition, members]) =>
    chunks(members).map(async chunk => {
      const states = await readChunk(link, partition, chunk, now)
      for (const [index, id] of chunk.entries()) found.set(id, states[index] ?? { kind: 'unknown' })
    }),
  )
  await Promise.all(reading)
  return ids.map(id => found.get(id) ?? { kind: 'unknown' })
}

export function chunks(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, i) => ids.slice(i * CHUNK, (i + 1) * CHUNK))
}

async function readChunk(link: RedisLink, partition: string, ids: readonly string[], now: number) {
  const prefix = partitionPrefix(partition)
  const reply = await link.run(STATES, [`${prefix}reads`], [prefix, now, ...ids])
  if (!Array.isArray(reply) || reply.length !== ids.length) {
    throw new RedisError('bad-reply', 'states: an answer of the store cannot be read')
  }
  return reply.map(text => parseReply('states', stateSchema, text))
}
