import { Hono } from 'hono'
import { authorizerMetrics } from '../../../src/authorizer/metrics.ts'
import { brokerMetrics } from '../../../src/broker/metrics.ts'
import { envoyAdmin } from '../../../src/companion/envoy-admin.ts'
import { toStreams } from '../../../src/record/journal/redis/redis-journal-streams.ts'
import type { CutReason } from '../../../src/session/live-streams.ts'
import { tapMetrics } from '../../../src/tap/metrics.ts'
import { startBoundary } from '../../support/envoy/envoy.ts'

type Labels = Readonly<Record<string, string>>

/** Series by the name of their metric. */
export type Exposition = ReadonlyMap<string, readonly Labels[]>

/** What Prometheus gets from a real Envoy, and from the registries of all our parts after something of each kind happened. */
export async function anExposition(): Promise<Exposition> {
  const texts = await Promise.all([envoyText(), authorizerText(), brokerText(), tapText()])
  const series = texts.join('\n').matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)
  return new Map(
    [...Map.groupBy(series, ([, name = '']) => name)].map(([name, found]) => [
      name,
      found.map(([, , labels = '']) => toLabels(labels)),
    ]),
  )
}

function toLabels(text: string): Labels {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value]))
}

async function envoyText(): Promise<string> {
  const boundary = await startBoundary()
  const admin = envoyAdmin(`${boundary.directory}/admin.sock`)
  return admin
    .ask('GET', '/stats/prometheus')
    .then(({ text }) => text)
    .finally(() => boundary.stop())
}

function authorizerText(): Promise<string> {
  const metrics = authorizerMetrics({ liveStreams: () => 0, storeReady: () => true, ahead: () => null })
  const key = { decidedAt: 0, agent: '', lease: '', auditId: '' }
  const denial = {
    kind: 'deny',
    key,
    detail: '',
    request: null,
    lease: null,
    approval: null,
    ways: [],
    instead: '',
  } as const
  metrics.decided({ ...denial, reason: 'unavailable' }, 0.01)
  metrics.decided({ ...denial, reason: 'approval-pending' }, 0.01)
  metrics.cut('lease_unconfirmed' satisfies CutReason)
  return metrics.text()
}

async function brokerText(): Promise<string> {
  const metrics = brokerMetrics(() => null)
  const app = new Hono().use(metrics.count).post('/v1/approvals/:id/:answer', context => context.text('', 503))
  await app.request('/v1/approvals/apr_1/yes', { method: 'POST' })
  return metrics.text()
}

function tapText(): Promise<string> {
  const journal = toStreams(1).map(({ name }) => ({ stream: name, entries: 1, lagSeconds: 1, deadLetters: 0 }))
  const counted = { rowsWritten: 0, batchesWritten: 0, failedWrites: 0, outcomes: 0, outcomesLost: 0 }
  const now = {
    failingSeconds: 0,
    setAside: 0,
    outcomesHeld: 0,
    outcomesClaimed: 0,
    outcomesMissing: null,
    recorderFailingSeconds: 0,
    copyFailingSeconds: 0,
    witnessFailingSeconds: 0,
  }
  return tapMetrics(async () => ({ journal, ...counted, ...now }))()
}
