import type { MiddlewareHandler } from 'hono'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { clockGauge } from '../support/gauge.ts'
import type { Ahead } from '../support/time/clock.ts'

export interface BrokerMetrics {
  readonly count: MiddlewareHandler
  readonly text: () => Promise<string>
}

/** By the route that was matched, never by the path that was sent. */
export function brokerMetrics(ahead: () => Ahead | null): BrokerMetrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  clockGauge(ahead, registers)
  const labelNames = ['action', 'status'] as const
  const requests = new Counter({
    name: 'leasegate_broker_requests_total',
    help: 'Requests by action and status.',
    labelNames,
    registers,
  })
  const seconds = new Histogram({
    name: 'leasegate_broker_duration_seconds',
    help: 'Time of a request.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  return {
    count: async (context, next) => {
      const end = seconds.startTimer()
      await next()
      end()
      requests.inc({ action: actionOf(context.req.method, context.req.path), status: String(context.res.status) })
    },
    text: () => registry.metrics(),
  }
}

const ACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^POST \/v1\/leases$/, 'issue'],
  [/^POST \/v1\/leases\/[^/]+\/token$/, 'token'],
  [/^POST \/v1\/leases\/[^/]+\/plan$/, 'plan'],
  [/^DELETE \/v1\/leases\/[^/]+$/, 'revoke'],
  [/^GET \/v1\/leases/, 'look'],
  [/^POST \/v1\/approvals\/[^/]+/, 'answer'],
  [/^GET \/v1\/approvals/, 'look'],
  [/^POST \/v1\/holds$/, 'hold'],
  [/^DELETE \/v1\/holds\/[^/]+$/, 'release'],
  [/^GET \/v1\/holds$/, 'look'],
  [/^GET \/v1\/whoami$/, 'whoami'],
  [/^POST \/console\/approvals\//, 'answer'],
  [/^[A-Z]+ \/console(?:\/|$)/, 'console'],
]

/** Few, whatever is sent. */
function actionOf(method: string, path: string): string {
  return ACTIONS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? 'other'
}
