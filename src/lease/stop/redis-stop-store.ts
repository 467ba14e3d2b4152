import { z } from 'zod'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { ENDS_KEPT, KEEP_STOP_MS, PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { parseReply } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { STOP, STOPS } from '../../redis/scripts.ts'
import { partitionName } from '../lease-id.ts'
import { rowsOf } from '../redis/records.ts'
import type { Stop, Stopping, StopStore } from './stop.ts'
import { parseSubjectKey, type Subject, subjectKey } from './subject.ts'

const ACT = z.object({ by: z.string(), reason: z.string(), at: z.number() })
const STANDS = z.object({
  ended: ACT.nullable().default(null),
  stopped: ACT.nullable().default(null),
  frozen: ACT.nullable().default(null),
})

/** Each partition has its own mark of each act, so that the scripts which read leases there see it. */
export class RedisStopStore implements StopStore {
  readonly #link: RedisLink
  readonly #prefixes: readonly string[]

  constructor(link: RedisLink, { partitions = PARTITIONS }: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#prefixes = Array.from({ length: partitions }, (_, index) => partitionPrefix(partitionName(index)))
  }

  async act({ subject, act, by, reason, event, others = [] }: Stopping): Promise<Stop | null> {
    const askedAt = Date.now()
    const calls = [{ subject, event }, ...others].flatMap(one => {
      const key = subjectKey(one.subject)
      const argsOf = (prefix: string, entry: string) => [prefix, key, act, by, reason, entry, KEEP_STOP_MS, ENDS_KEPT]
      return this.#prefixes.map(prefix => ({
        ...{ prefix, key, subject: one.subject },
        keys: [`${prefix}stop:${key}`, `${prefix}journal`],
        args: argsOf(prefix, one.event),
        unrecorded: argsOf(prefix, ''),
      }))
    })
    const replies = await this.#link.runTogether(STOP, calls)
    if (replies.length !== calls.length) throw new RedisError('bad-reply', 'stop: an answer of the store is missing')
    const done = calls.flatMap(({ prefix, key, subject }, index) => {
      const reply = replies[index]
      return reply === '' ? [] : [{ prefix, key, stop: toStop(subject, reply) }]
    })
    for (const { prefix, key, stop } of done) {
      // Once there was an end, no later act takes the key away.
      if (stop.ended !== null) this.#link.witnessed(prefix, `stop:${key}`, askedAt)
    }
    // Any of them: where it was done in a part of the store, the next time it is done in the rest.
    return done.find(({ key }) => key === subjectKey(subject))?.stop ?? null
  }

  /** The partitions say the same; one that does not, because it was restored by itself, counts as well. */
  async list(): Promise<readonly Stop[]> {
    const reading = this.#prefixes.map(async prefix => {
      const reply = await this.#link.run(STOPS, [`${prefix}reads`], [prefix])
      return rowsOf(reply, Array.isArray(reply) ? reply.length : 0)
    })
    const found = new Map<string, Stop>()
    for (const [key = '', text] of (await Promise.all(reading)).flat()) {
      const subject = parseSubjectKey(key)
      if (subject === null || found.has(key)) continue
      found.set(key, toStop(subject, text))
    }
    return [...found.values()].toSorted((one, other) => latest(one) - latest(other))
  }
}

function toStop(subject: Subject, text: unknown): Stop {
  return { subject, ...parseReply('stop', STANDS, text) }
}

function latest({ ended, stopped, frozen }: Stop): number {
  return Math.max(ended?.at ?? 0, stopped?.at ?? 0, frozen?.at ?? 0)
}
