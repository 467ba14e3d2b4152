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
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const now = {
    failingSeconds: gauge(
      'leasegate_record_failing_seconds',
      'How long the record could not be written; 0 while it can.',
    ),
    copyFailingSeconds: gauge(
      'leasegate_ledger_copy_failing_seconds',
      'How long the second place took no checkpoints; 0 while it does.',
    ),
    witnessFailingSeconds: gauge(
      'leasegate_ledger_witness_failing_seconds',
      'How long a witness did not sign checkpoints; 0 while each does.',
    ),
    recorderFailingSeconds: gauge(
      'leasegate_recorder_failing_seconds',
      'How long no session could be recorded; 0 while they can.',
    ),
    outcomesHeld: gauge('leasegate_outcomes_held', 'Outcomes in memory that the record does not have yet.'),
  }
  const ever = {
    rowsWritten: counter('leasegate_record_rows_total', 'Rows written.'),
    batchesWritten: counter('leasegate_record_batches_total', 'Batches written.'),
    failedWrites: counter('leasegate_record_failed_writes_total', 'Writes that ClickHouse did not take.'),
    outcomes: counter('leasegate_outcomes_total', 'Ends of requests that Envoy told of.'),
    outcomesLost: counter('leasegate_outcomes_lost_total', 'Outcomes that were lost.'),
    outcomesMissing: counter('leasegate_outcomes_missing_total', 'Requests that Envoy counted and never told of.'),
  }
  return async () => {
    const seen = await status()
    for (const { stream, entries: count, lagSeconds, deadLetters } of seen.journal) {
      entries.set({ stream }, count)
      lag.set({ stream }, lagSeconds)
      dead.set({ stream }, deadLetters)
    }
    for (const [key, gauge] of Object.entries(now)) gauge.set(seen[key as keyof typeof now] ?? 0)
    for (const [key, counter] of Object.entries(ever)) {
      counter.reset()
      counter.inc(seen[key as keyof typeof ever] ?? 0)
    }
    return registry.metrics()
  }
}
