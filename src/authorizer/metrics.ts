import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { clockGauge, gauge } from '../support/gauge.ts'
import type { Ahead } from '../support/time/clock.ts'
import type { Decision } from './decision.ts'

export interface AuthorizerMetrics {
  readonly decided: (decision: Decision, seconds: number) => void
  readonly cut: (reason: string) => void
  readonly text: () => Promise<string>
}

interface Sources {
  readonly liveStreams: () => number
  readonly storeReady: () => boolean
  readonly ahead: () => Ahead | null
}

/** Nothing that a client chooses is a label: verdicts and reasons are ours, and few. */
export function authorizerMetrics({ liveStreams, storeReady, ahead }: Sources): AuthorizerMetrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  const decisions = new Counter({
    name: 'leasegate_decisions_total',
    help: 'Decisions by verdict and reason.',
    labelNames: ['verdict', 'reason'],
    registers,
  })
  const seconds = new Histogram({
    name: 'leasegate_check_duration_seconds',
    help: 'Time of one decision, store and journal included.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers,
  })
  const cuts = new Counter({
    name: 'leasegate_stream_cuts_total',
    help: 'Streams that were ended before their time, by reason.',
    labelNames: ['reason'],
    registers,
  })
  gauge('leasegate_live_streams', 'Streams that are open now.', liveStreams, registers)
  gauge('leasegate_store_ready', '1 while there is a connection to the store.', () => Number(storeReady()), registers)
  clockGauge(ahead, registers)
  return {
    decided: (decision, took) => {
      const reason = decision.kind === 'deny' ? decision.reason : ''
      const verdict = reason === 'approval-pending' ? 'pending' : decision.kind === 'deny' ? 'deny' : 'allow'
      decisions.inc({ verdict, reason })
      seconds.observe(took)
    },
    cut: reason => cuts.inc({ reason }),
    text: () => registry.metrics(),
  }
}
