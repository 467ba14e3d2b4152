import { uuidv7 } from 'uuidv7'
import type { JournalReader } from '../record/journal/journal.ts'
import type { Outcome } from '../record/outcome.ts'
import type { RecordSink } from '../record/record-sink.ts'
import type { RowKey } from '../record/row-key.ts'
import { toGoneRow, toOutcomeRow } from '../record/to-rows.ts'
import type { Logger } from '../support/logger.ts'
import { JournalRoad } from './journal-road.ts'
import { JournalWatch, KnownLag, secondsSince, type WatchLimits } from './journal-watch.ts'
import type { KeptRows } from './outcomes/kept-rows.ts'
import { type LooseLimits, LooseRows } from './outcomes/loose-rows.ts'
import { type FindKeys, Unclaimed, type UnclaimedLimits } from './outcomes/unclaimed.ts'
import type { TapStatus } from './tap-status.ts'
import { Writer, type WriterLimits } from './writer.ts'

export type TapLimits = WriterLimits & LooseLimits & UnclaimedLimits & WatchLimits

export const TAP_LIMITS: TapLimits = {
  maxRows: 10_000,
  maxAgeMs: 1000,
  maxLoose: 50_000,
  backoffMs: [200, 10_000],
  slowMs: 5000,
  holdMs: 5000,
  maxHeld: 10_000,
  everyMs: 10_000,
  manyEntries: 50_000,
  oldMs: 60_000,
}

export interface TapParts {
  readonly journal: JournalReader
  readonly sink: RecordSink
  readonly log: Logger
  readonly limits?: Partial<TapLimits>
  /** Without it, outcomes without a key keep rows of their own. */
  readonly findKeys?: FindKeys
  /** Where outcomes are until the record has them; without it, in memory alone. */
  readonly kept?: KeptRows
}

/** What others know. */
type Beside = 'outcomesMissing' | 'recorderFailingSeconds' | 'copyFailingSeconds' | 'witnessFailingSeconds'

export interface Tap {
  /** Takes what Envoy saw; at most once, so it is only ever an addition to the journal. Never throws or waits. */
  onOutcome(outcome: Outcome): void
  /** Takes what was open in an Envoy that hung up at this time, epoch milliseconds. */
  onGone(keys: readonly RowKey[], at: number): void
  /** Ends of requests that Envoy told of. */
  readonly ends: number
  /** Rejects when the journal's store does not answer. */
  status(): Promise<Omit<TapStatus, Beside>>
  /** Rejects if the tap cannot go on; resolves after a stop. */
  readonly finished: Promise<void>
  /** Writes what it holds, for at most `withinMs`; what it could not write stays in the journal. */
  stop(withinMs?: number): Promise<void>
}

/**
 * The record road:
 *
 *   journal items ─ read ─ rows ─ batch of a stream ─┐
 *                                                    ├─ ClickHouse ─ acknowledge ─ (read on)
 *   outcomes ─ push ─ rows ─ batch by age ───────────┘
 */
export function startTap({ journal, sink, log, limits: given, findKeys = nobody, kept }: TapParts): Tap {
  const limits = { ...TAP_LIMITS, ...given }
  const stopping = new AbortController()
  const writer = new Writer(sink, limits, log)
  const loose = new LooseRows(writer, limits, kept)
  const write = (outcome: Outcome): void => loose.offer(toOutcomeRow(outcome, ownIdOf(outcome)))
  const unclaimed = new Unclaimed(findKeys, limits, write, log)
  const road = new JournalRoad({ journal, writer, log, stopping: stopping.signal, pauseMs: limits.maxAgeMs })
  const watch = new JournalWatch(journal, limits, log)
  const lag = new KnownLag(journal)
  const finished = road.run(readAt => unclaimed.settle(readAt))
  // Whoever started the tap hears of it by `finished`; without a listener it must not end the process unheard.
  finished.catch(err => log.error({ err }, 'the journal is no longer read'))
  let ends = 0
  return {
    onOutcome: outcome => {
      if (outcome.phase === 'end') ends += 1
      // Nobody has judged it yet: its end will tell.
      if (outcome.phase === 'open' && outcome.key === null) return
      if (outcome.key === null && outcome.requestId !== '') unclaimed.hold(outcome)
      else write(outcome)
    },
    onGone: (keys, at) => {
      if (keys.length > 0) log.info({ streams: keys.length }, 'an Envoy hung up on which these were open')
      for (const key of keys) loose.offer(toGoneRow(key, at))
    },
    get ends() {
      return ends
    },
    status: async () => ({
      journal: await lag.now(),
      rowsWritten: writer.written.rows,
      batchesWritten: writer.written.batches,
      failedWrites: writer.written.failures,
      failingSeconds: secondsSince(writer.written.failingSince),
      setAside: road.setAside,
      outcomes: ends,
      outcomesHeld: loose.held + unclaimed.held,
      outcomesLost: loose.lost,
      outcomesClaimed: unclaimed.claimed,
    }),
    finished,
    stop: async (withinMs = 5000) => {
      stopping.abort()
      watch.stop()
      const late = setTimeout(() => writer.giveUp(), withinMs)
      await finished
      await unclaimed.release()
      await loose.flush()
      clearTimeout(late)
    },
  }
}

const nobody: FindKeys = async () => new Map()

/** Of one that no decision names. */
function ownIdOf({ key, requestId }: Outcome): string {
  return key === null ? requestId || uuidv7() : ''
}
