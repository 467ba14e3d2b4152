import { setTimeout as wait } from 'node:timers/promises'
import type { QueryRequest, QueryResult } from '../../../record/queries/run-query.ts'
import { createTimeline } from '../../../record/queries/timeline-news.ts'
import { printable } from '../../../support/text/printable.ts'
import { type Clock, systemClock } from '../../../support/time/clock.ts'
import { CliError } from '../../command/cli-error.ts'

export interface Follow {
  readonly ask: (request: QueryRequest) => Promise<QueryResult>
  readonly params: Readonly<Record<string, string>>
  readonly print: (text: string) => void
  readonly stopping: AbortSignal
  readonly everyMs?: number
  /** After the lease has ended, and its last stream with it: what may still be on its way. */
  readonly quietMs?: number
  readonly clock?: Clock
}

/** A lease that was issued a moment ago may not be on record yet. */
const UNKNOWN_FOR_MS = 10_000

/** Tells what happens under a lease as it comes, until it has ended and everything is told, or until it is asked to stop. */
export async function followLease(follow: Follow): Promise<void> {
  const { ask, params, print, stopping, everyMs = 1000, quietMs = 5000, clock = systemClock } = follow
  const lease = params['lease']
  if (lease === undefined) throw new CliError('usage', 'the parameter lease is missing (the lease to follow)')
  const timeline = createTimeline()
  const begun = clock()
  let lastNews = begun
  while (!stopping.aborted) {
    const state = await stateOf(ask, lease)
    const news = timeline.news(await ask({ kind: 'saved', name: 'lease-timeline', params }), clock())
    if (news.length > 0) lastNews = clock()
    for (const line of news) print(`${printable(line)}\n`)
    if (state === null && clock() - begun > UNKNOWN_FOR_MS)
      throw new CliError('refused', `no lease ${printable(lease)} is on record`)
    const ended = state !== null && state !== 'active' && timeline.open() === 0
    if (ended && clock() - lastNews >= quietMs) return print(`the lease is ${state}, and everything is told\n`)
    await wait(everyMs, undefined, { signal: stopping }).catch(() => {})
  }
}

async function stateOf(ask: Follow['ask'], lease: string): Promise<string | null> {
  const { columns, rows } = await ask({ kind: 'saved', name: 'lease', params: { lease } })
  const state = rows[0]?.[columns.findIndex(({ name }) => name === 'state')]
  return typeof state === 'string' ? state : null
}
