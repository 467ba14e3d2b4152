import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { z } from 'zod'
import { ANSWER, checked, HOLD, LEASE_END, REVOCATION, readText, STOPPING } from '../../http/read-body.ts'
import { StatusError } from '../../http/refusal/status.ts'
import type { ConsoleEnv } from '../console-env.ts'

export const FORM_TOKEN = 'form-token'

/** What forms may say, in the same words as the API. */
export const SIGN_OUT = z.strictObject({})
export const SAID = ANSWER.extend({
  verdict: z.enum(['approved', 'rejected']),
  /** When the plan was made that the page showed, epoch milliseconds. */
  plan: z.coerce.number().int().positive().nullable().default(null),
})
export const REVOKE = LEASE_END
export const PLACE = HOLD.omit({ agent: true })
export const RELEASE = REVOCATION
/** Of one lease, to freeze or to thaw it. */
export const WHY = z.strictObject({ reason: STOPPING.shape.reason })

/**
 * The fields of a form of this very session, checked. Fields that were left empty are as if they were not there; one that comes twice is
 * refused.
 */
export async function readForm<T>(context: Context<ConsoleEnv>, schema: z.ZodType<T>): Promise<T> {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(type)) throw new StatusError(415, 'the body must be a form')
  const pairs = [...new URLSearchParams(await readText(context.req.raw))]
  const fields = new Map(pairs)
  if (fields.size !== pairs.length) throw new StatusError(400, 'a field of the form comes twice')
  if (!isSame(fields.get(FORM_TOKEN) ?? '', context.var.session.formToken))
    throw new StatusError(403, 'the form is not of this session; load the page again')
  fields.delete(FORM_TOKEN)
  return checked(schema, Object.fromEntries([...fields].filter(([, value]) => value !== '')))
}

/** In the same time, whatever is the same. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map(text => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
