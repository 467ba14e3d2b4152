import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { TapStatus } from './tap-status.ts'

/** What the tap knows of its own work, asked at each scrape; the text of Prometheus. Rejects when the journal's store does not answer. */
export function tapMetrics(status: () => Promise<TapStatus>): () => Promise<string> {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  const ofStream = (name: string, help: string) => new Gauge({ name, help, labelNames: ['stream'], registers })
  const entries = ofStream('leasegate_journal_entries', 'Entries of the journal that the record does not have yet.')
  const lag = ofStream('leasegate_journal_lag_seconds', 'Age of the oldest of them.')
  const dead = ofStream('leasegate_dead_letters', 'Entries that were set aside.')
  const now = {
    failingSeconds: new Gauge({
      name: 'leasegate_record_failing_seconds',
      help: 'How long the record could not be written; 0 while it can.',
      registers,
    }),
    outcomesHeld: new Gauge({
      name: 'leasegate_outcomes_held',
      help: 'Outcomes in memory that the record does not have yet.',
      registers,
    }),
  }
  const ever = {
    rowsWritten: new Counter({ name: 'leasegate_record_rows_total', help: 'Rows written.', registers }),
    batchesWritten: new Counter({ name: 'leasegate_record_batches_total', help: 'Batches written.', registers }),
    failedWrites: new Counter({
      name: 'leasegate_record_failed_writes_total',
      help: 'Writes that ClickHouse did not take.',
      registers,
    }),
    outcomes: new Counter({
      name: 'leasegate_outcomes_total',
      help: 'Ends of requests that Envoy told of.',
      registers,
    }),
    outcomesLost: new Counter({ name: 'leasegate_outcomes_lost_total', help: 'Outcomes that were lost.', registers }),
    outcomesMissing: new Counter({
      name: 'leasegate_outcomes_missing_total',
      help: 'Requests that Envoy counted and never told of.',
      registers,
    }),
  }
  return async () => {
    const seen = await status()
    for (const { stream, entries: count, lagSeconds, deadLetters } of seen.journal) {
      entries.set({ stream }, count)
      lag.set({ stream }, lagSeconds)
      dead.set({ stream }, deadLetters)
    }
    for (const key of ['failingSeconds', 'outcomesHeld'] as const) now[key].set(seen[key])
    for (const [key, counter] of Object.entries(ever)) {
      counter.reset()
      counter.inc(seen[key as keyof typeof ever] ?? 0)
    }
    return registry.metrics()
  }
}
