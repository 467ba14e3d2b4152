import QuickLRU from 'quick-lru'
import type { RecordReader } from '../../../proof/doctor/store/record.ts'
import { type Row, rowsOf } from '../../../record/queries/cells.ts'
import type { QueryRequest, QueryRunner } from '../../../record/queries/run-query.ts'
import type { Logger } from '../../../support/logger.ts'
import type { Clock } from '../../../support/time/clock.ts'
import { within } from '../../../support/time/within.ts'

export type Told =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'none'; readonly why: string }

/** What pages ask, and the API for agents, each a saved query. The role leasegate_console (src/record/access) may ask these. */
export const CONSOLE_QUERIES = [
  'lease-timeline',
  'lease-approvals',
  'agent-day',
  'agent-hours',
  'approval-waits',
  'exec-sessions',
  'request',
  'lease-actions',
  'lease-objects',
  'lease-denials',
] as const
export type ConsoleQuery = (typeof CONSOLE_QUERIES)[number]

/** What pages show of the record. Never rejects, and never makes a page wait for long: what the record does not say, the page does without. */
export interface ConsoleRecord {
  ask(name: ConsoleQuery, params: Readonly<Record<string, string>>): Promise<Told>
  /** How it is asked, for whoever examines it. */
  readonly reader: RecordReader
  close(): Promise<void>
}

/** How it is asked. */
export interface Manner {
  /** How long somebody waits. What comes later is there when they ask again. */
  readonly patienceMs: number
  /** The same question goes to the record once in so long, whoever asks it. */
  readonly freshMs: number
}

/** Pages in sight ask every two seconds, and none stands still for it. */
export const BY_PAGES: Manner = { patienceMs: 1000, freshMs: 5000 }
/** Whoever asks once, and perhaps before the tap has brought what they ask for. */
export const BY_PROGRAMS: Manner = { patienceMs: 5000, freshMs: 500 }

/** What was told last stands in where the record takes its time. */
const USABLE_MS = 60_000
/** Questions that run at once. Others are told so, and wait nowhere. */
const MOST_RUNNING = 4
/** Answers of at most some hundred rows. */
const KEPT = 40

interface Kept {
  readonly told: Told
  readonly at: number
}

interface Parts {
  readonly run: QueryRunner
  readonly through: RecordReader['through']
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly close: () => Promise<void>
}

/** Whatever the record does, the broker has at most so many questions open there and so many answers in memory. */
export function boundedRecord({ run, through, clock, log, close }: Parts, manner = BY_PAGES): ConsoleRecord {
  const { patienceMs, freshMs } = manner
  const kept = new QuickLRU<string, Kept>({ maxSize: KEPT })
  const running = new Map<string, Promise<Told>>()

  function start(key: string, request: QueryRequest): Promise<Told> {
    const asking = run(request).then(
      result => ({ kind: 'rows', rows: rowsOf(result) }) as const,
      (error: unknown) => {
        log.warn({ err: error, query: key }, 'the record does not answer')
        return none('The record does not answer at the moment.')
      },
    )
    const told = asking.then(answer => {
      running.delete(key)
      kept.set(key, { told: answer, at: clock() })
      return answer
    })
    running.set(key, told)
    return told
  }

  return {
    ask: async (name, params) => {
      const key = JSON.stringify([name, params])
      const last = kept.get(key)
      if (last !== undefined && clock() - last.at < freshMs) return last.told
      const asking = running.get(key)
      if (asking === undefined && running.size >= MOST_RUNNING)
        return usable(last) ?? none('The record is busy with other questions.')
      const told = asking ?? start(key, { kind: 'saved', name, params })
      return within(patienceMs, told).catch(() => usable(last) ?? none('The record has not answered yet.'))
    },
    reader: { through, ask: run },
    close,
  }

  function usable(last: Kept | undefined): Told | null {
    return last?.told.kind === 'rows' && clock() - last.at < USABLE_MS ? last.told : null
  }
}

function none(why: string): Told {
  return { kind: 'none', why }
}
