import type { z } from 'zod'
import { RedisError } from './redis-error.ts'

/** A script's answer in JSON. Throws when it is not what the script says: callers fail closed. */
export function parseReply<T>(what: string, schema: z.ZodType<T>, reply: unknown): T {
  try {
    return schema.parse(JSON.parse(String(reply)))
  } catch {
    throw new RedisError('bad-reply', `${what}: an answer of the store cannot be read`)
  }
}

/** A script's answer that is a list of words, the first of which says what happened. */
export function parseWords(what: string, reply: unknown): readonly [string, ...string[]] {
  const [first, ...rest] = Array.isArray(reply) ? reply.map(String) : []
  if (first === undefined) throw new RedisError('bad-reply', `${what}: an answer of the store cannot be read`)
  return [first, ...rest]
}
