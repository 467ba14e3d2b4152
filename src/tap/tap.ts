import { setTimeout as wait } from 'node:timers/promises'
import { uuidv7 } from 'uuidv7'
import { isPoison, type JournalReader } from '../record/journal/journal.ts'
import type { JournalItem, PoisonItem } from '../record/journal/journal-entry.ts'
import type { Outcome } from '../record/outcome.ts'
import type { RecordSink } from '../record/record-sink.ts'
import { toOutcomeRow, toRow } from '../record/to-rows.ts'
import type { Logger } from '../support/logger.ts'
import { BATCH_LIMITS, Batcher, type BatchLimits } from './batcher.ts'

export interface TapParts {
  readonly journal: JournalReader
  readonly sink: RecordSink
  readonly log: Logger
  readonly limits?: Partial<BatchLimits>
}

export interface Tap {
  /** Takes what Envoy saw; at most once, so it is only ever an addition to the journal. Never throws or waits. */
  onOutcome(outcome: Outcome): void
  /** Outcomes that were lost because the sink was away too long or refused them. */
  readonly droppedOutcomes: number
  /** Rejects if the tap cannot go on; resolves after a stop. */
  readonly finished: Promise<void>
  /** Writes what it holds, for at most `withinMs`; what it could not write stays in the journal. */
  stop(withinMs?: number): Promise<void>
}

/** Items of each stream that are in hand at once. */
const READ_BATCH = 2000
const RETRY_MS = 500

/**
 * The record road:
 *
 *   journal items ─ read ─┐
 *                         ├─ rows ─ batch ─ ClickHouse ─ acknowledge ─ (read on)
 *   outcomes ─ push ──────┘
 */
export function startTap({ journal, sink, log, limits }: TapParts): Tap {
  const stopping = new AbortController()
  const batcher = new Batcher(sink, { ...BATCH_LIMITS, ...limits }, err =>
    log.warn({ err }, 'the record cannot be written'),
  )
  const finished = recordJournal({ journal, batcher, log, stopping: stopping.signal })
  // Whoever started the tap hears of it by `finished`; without a listener it must not end the process unheard.
  finished.catch(err => log.error({ err }, 'the journal is no longer read'))
  return {
    onOutcome: outcome => batcher.offer(toOutcomeRow(outcome, uuidv7())),
    get droppedOutcomes() {
      return batcher.dropped
    },
    finished,
    stop: async (withinMs = 5000) => {
      stopping.abort()
      await batcher.stop(withinMs)
      await finished
    },
  }
}

interface Road {
  readonly journal: JournalReader
  readonly batcher: Batcher
  readonly log: Logger
  readonly stopping: AbortSignal
}

async function recordJournal(road: Road): Promise<void> {
  while (!road.stopping.aborted) {
    const items = (await insist(road, 'read', () => road.journal.read(READ_BATCH, road.stopping))) ?? []
    const poison = items.filter(isPoison)
    const good = items.filter((item): item is JournalItem => !isPoison(item))
    const refused = await recorded(road, good)
    if (refused === null) return
    await setAside(road, [...poison, ...refused])
    const kept = good.filter(item => !refused.some(({ stream, id }) => stream === item.stream && id === item.id))
    if (kept.length > 0) await insist(road, 'acknowledge', () => road.journal.acknowledge(kept))
  }
}

/** The items that will never be taken; null when the tap stopped before it knew, and nothing may be acknowledged. */
async function recorded({ batcher }: Road, items: readonly JournalItem[]): Promise<readonly PoisonItem[] | null> {
  const refusals = await batcher.write(items.map(toRow)).catch(() => null)
  if (refusals === null) return null
  return items.flatMap(({ stream, id }, index) => {
    const problem = refusals[index] ?? null
    return problem === null ? [] : [{ stream, id, problem }]
  })
}

async function setAside(road: Road, poison: readonly PoisonItem[]): Promise<void> {
  for (const item of poison) {
    road.log.error(item, 'a journal item cannot be recorded and is set aside')
    await insist(road, 'set aside', () => road.journal.setAside(item))
  }
}

/** The journal gives an item to a process once, so whatever is done with it is done until it succeeds, or the stop. */
async function insist<T>({ log, stopping }: Road, what: string, act: () => Promise<T>): Promise<T | null> {
  for (;;) {
    try {
      return await act()
    } catch (err) {
      if (stopping.aborted) return null
      log.warn({ err }, `the journal does not answer (${what})`)
      await wait(RETRY_MS, undefined, { signal: stopping }).catch(() => {})
    }
  }
}
