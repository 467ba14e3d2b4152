import { afterAll, beforeAll, beforeEach } from 'vitest'
import { askUnder } from '../../../src/approval/ask-under.ts'
import type { Actor, ClusterView } from '../../../src/approval/plan/look/cluster-view.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { sentKeeper } from '../../../src/approval/sent/keep-sent.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { ClusterPlanner } from '../../../src/broker/plan/cluster-planner.ts'
import { keepPlanning } from '../../../src/broker/plan/keep-planning.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Committed } from '../../../src/lease/committed.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { ONE, type Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { asking } from '../../lease/a-lease.ts'
import { anHttpRequest, read } from '../../request/a-http-request.ts'
import { until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

/** One broker for all that `plans.test.ts` has, which looks into a cluster that is made up. */
export let broker: TestBroker
let lease: Lease
let ledger: RedisLeaseLedger
export let sent: RedisSentStore
let stopping: AbortController
/** Patient, for a machine that does other things. */
let link: RedisLink

/** What is in the cluster: one Deployment. */
interface Cluster {
  there: { uid: string; resourceVersion: string; image: string; ready: number } | null
  isDown: boolean
  isStuck: boolean
  /** Whether a webhook draws another image at each write. */
  draws: boolean
  /** Of Pods that a label selects. */
  pods: number
}

export const cluster: Cluster = { there: null, isDown: false, isStuck: false, draws: false, pods: 0 }
const object = (image: string) => ({
  metadata: { name: 'web', uid: cluster.there?.uid, resourceVersion: cluster.there?.resourceVersion },
  spec: { image },
  status: { ready: cluster.there?.ready },
})
const looked = async (image: string) => {
  if (cluster.isDown) throw new Error('nobody answers')
  if (cluster.isStuck) return new Promise<never>(() => undefined)
  return cluster.there === null ? ({ kind: 'absent' } as const) : ({ kind: 'found', value: object(image) } as const)
}
const podsThere = () =>
  Array.from({ length: cluster.pods }, (_, at) => ({ metadata: { name: `p-${at}`, uid: `${at}`.padStart(36, '0') } }))
/** As whom dry runs were made. */
export const tried: Actor[] = []
const view: ClusterView = {
  get: async target => {
    if (target.includes('apiservices')) return { kind: 'found', value: { spec: {} } }
    if (target.includes('labelSelector')) return { kind: 'found', value: { items: podsThere() } }
    return looked(cluster.there?.image ?? '')
  },
  getAs: () => looked(cluster.there?.image ?? ''),
  dryRunAs: actor => {
    tried.push(actor)
    return looked(cluster.draws ? `web:${crypto.randomUUID()}` : 'web:2')
  },
}

beforeAll(async () => {
  broker = await TestBroker.start()
  broker.policy = wanting(ONE)
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
  const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
  const leases = new RedisLeaseStore(broker.link)
  const record = await leases.find(id, Date.now())
  lease = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
  const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  ledger = new RedisLeaseLedger(broker.link, { verifyAnswer })
  link = await broker.valkey.connected({ deadlineMs: 5000 })
  sent = new RedisSentStore(link)
  const keys = { signingKey: () => broker.keys.signing, verifyKeys: () => broker.keys.verify }
  const planner = new ClusterPlanner({
    store: sent,
    approvals: new RedisApprovalStore(broker.link),
    leases,
    signer: leaseSigner({ ...keys, tokenTtlMs: 300_000 }),
    policy: () => broker.policy,
    view,
    sessions: 'unknown',
    boxKey: () => ({ kid: broker.keys.signing.kid, key: broker.keys.signing.box }),
    clock: Date.now,
    log: { warn: () => undefined },
  })
  broker.planner = planner
  stopping = new AbortController()
  void keepPlanning({ store: sent, planner, onFailure: () => undefined }, stopping.signal)
})
afterAll(async () => {
  stopping?.abort()
  link?.close()
  await broker?.stop()
})

beforeEach(() => {
  cluster.isDown = false
  cluster.isStuck = false
  cluster.draws = false
  cluster.pods = 0
  cluster.there = { uid: 'u1', resourceVersion: '10', image: 'web:1', ready: 2 }
})

let asks = 0

/** Lets its only template write Deployments and delete pods, and so many people have to say yes. */
function wanting(quorum: Quorum): Policy {
  const { policy } = broker
  const templates = policy.templates.map(template => ({
    ...template,
    rules: template.rules.map(rule => ({
      ...rule,
      verbs: ['patch', 'deletecollection'],
      apiGroups: ['', 'apps'],
      resources: ['deployments', 'pods'],
    })),
    approval: { ...template.approval, quorum },
    serviceAccounts: ['web', 'api'],
  }))
  return { ...policy, templates }
}

/** As the authorizer asks, and asks again; each time about another image, so that it is another question. */
export async function question(marker = `web:2-${asks++}`, quorum: Quorum = ONE) {
  const headers = [['content-type', 'application/merge-patch+json']] as const
  const body = Buffer.from(JSON.stringify({ spec: { image: marker } }))
  return asked('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', { headers, body }, quorum)
}

/** All pods that have a label are to be deleted. */
export function deletion() {
  return asked('DELETE', `/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb-${asks++}`, {}, ONE)
}

type Sending = Partial<Pick<HttpRequest, 'headers' | 'body'>>

async function asked(
  method: string,
  target: string,
  { headers = [], body = Buffer.alloc(0) }: Sending,
  quorum: Quorum,
) {
  const http = anHttpRequest({ method, target, headers, body })
  const request = read(`${method} ${target}`, { headers, body })
  broker.policy = wanting(quorum)
  const verdict = judge({ request, lease, policy: broker.policy })
  if (verdict.kind !== 'approval') throw new Error(`it asks nobody: ${verdict.kind}`)
  const made = askUnder(broker.policy, { request, body, lease, above: [], verdict })
  if (made.kind !== 'ask') throw new Error(made.why)
  const { kind: _, ...intended } = made
  const commit = (): Promise<Committed> => {
    const proposed = asking(lease, made.digest, newApprovalId(lease.id))
    return ledger.commit({ ...proposed, intent: { ...proposed.intent, ...intended } as typeof proposed.intent })
  }
  const pending = await commit()
  if (pending.kind !== 'pending') throw new Error(`asked, and got ${pending.kind}`)
  const id = pending.approval
  const keep = sentKeeper({
    store: sent,
    keys: () => broker.keys.verify,
    now: Date.now,
    keepMs: 60_000,
    onFailure: (_, error) => {
      throw error
    },
  })
  keep(id, http)
  const at = partitionPrefix(partitionOf(id))
  const kept = () => broker.link.ask('kept', redis => redis.get(`${at}sent:${id}`))
  await until('it is kept', async () => (await kept()) !== null)
  return { id, digest: made.digest, commit, http, at, kept }
}

export const show = async (id: string, who = 'hana') => (await broker.as(who, 'GET', `/v1/approvals/${id}`)).body
export const yes = (id: string, body: object) => broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, body)
export const stored = (at: string, id: string) => broker.link.ask('plan', redis => redis.get(`${at}plan:${id}`))
