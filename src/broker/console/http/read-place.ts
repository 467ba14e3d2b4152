import type { Context } from 'hono'
import { StatusError } from '../../http/refusal/status.ts'

/** `?skip=100`: rows of the record that came on earlier pages. */
export function readSkip(context: Context): number {
  const skip = context.req.query('skip') ?? '0'
  if (!/^\d{1,5}$/.test(skip)) throw new StatusError(400, 'skip: must be a number below 100000')
  return Number(skip)
}

/** `?until=2026-11-29T07`, in UTC: the last moment before that hour; null where it is not said. */
export function readHour(context: Context): number | null {
  const text = context.req.query('until')
  if (text === undefined) return null
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}$/.test(text) ? Date.parse(`${text}:00:00Z`) : Number.NaN
  if (Number.isNaN(ms)) throw new StatusError(400, 'until: must be an hour such as 2026-11-29T07')
  return ms - 1
}

/** `?agent=fixer`; '' where it is not said. */
export function readAgent(context: Context): string {
  const agent = context.req.query('agent') ?? ''
  if (!/^[a-z0-9.-]{0,63}$/.test(agent)) throw new StatusError(400, 'agent: no agent has such a name')
  return agent
}
