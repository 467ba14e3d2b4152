import { numberOf, type Row, textOf } from '../../../record/queries/cells.ts'
import { type Listed, look } from './look.ts'
import type { ConsoleRecord } from './record.ts'
import type { Span } from './timeline.ts'

const HOUR_MS = 3_600_000

/** What one agent asked for within an hour. */
export interface Hour {
  readonly agent: string
  /** Its beginning, epoch milliseconds. */
  readonly at: number
  readonly allowed: number
  readonly denied: number
  readonly pending: number
}

/** Of one agent, or of all; hours in which nothing was asked are not among them. */
export function agentHours(record: ConsoleRecord | null, { since, until }: Span, agent = ''): Promise<Listed<Hour>> {
  const params = { since: new Date(since).toISOString(), until: new Date(until).toISOString(), agent }
  return look(record, 'agent-hours', params, toHour)
}

function toHour(row: Row): Hour {
  return {
    agent: textOf(row, 'agent'),
    at: Date.parse(`${textOf(row, 'hour').replace(' ', 'T')}Z`),
    allowed: numberOf(row, 'allowed') ?? 0,
    denied: numberOf(row, 'denied') ?? 0,
    pending: numberOf(row, 'pending') ?? 0,
  }
}

/** A day of whole hours that ends with the hour of `now`. */
export function dayUntil(now: number): Span {
  const until = Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS
  return { since: until - 24 * HOUR_MS, until }
}

/** Beginnings of the hours of a span, first to last. */
export function hoursOf({ since, until }: Span): readonly number[] {
  return Array.from({ length: Math.round((until - since) / HOUR_MS) }, (_, index) => since + index * HOUR_MS)
}
