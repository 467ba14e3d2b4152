// What people and requests wait for with 10 000 questions open, and a plan of 2 000 lines.
import type { ClusterView } from '../../../src/approval/plan/look/cluster-view.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { ClusterPlanner } from '../../../src/broker/plan/cluster-planner.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { BatchWorld, type Planned } from '../../broker/batches/a-batch-world.ts'
import { asking, committing } from '../../lease/a-lease.ts'

/*
 * What people and requests wait for when very many questions are open, and how long a manifest of 2 000 lines takes from the agent's
 * command to a plan on the approver's screen. A broker with a real socket and a real Valkey, all in one process with whoever asks it; the
 * cluster that plans look into answers at once, so that what is left is ours. Medians and the worst of so many.
 */
const OPEN = 10_000
const TIMES = 50

const world = await BatchWorld.start()
const { broker } = world
const link = await broker.valkey.connected({ deadlineMs: 20_000 })
const many = { ...LIMITS, questionsOfLease: 1e6, questionsOfAgent: 1e6, questionsPerMinute: 1e6 }
const ledger = new RedisLeaseLedger(link, { limits: many, journalHighMark: 1e9, journalHardLimit: 1e9 })
const leases = new RedisLeaseStore(link)

async function measured(what: string, run: () => Promise<unknown>, times = TIMES): Promise<void> {
  const waits: number[] = []
  for (let i = 0; i < times; i++) {
    const from = performance.now()
    await run()
    waits.push(performance.now() - from)
  }
  waits.sort((one, other) => one - other)
  const at = (share: number) => (waits[Math.ceil(waits.length * share) - 1] ?? 0).toFixed(1)
  console.log(`${what}: ${at(0.5)} ms median, ${at(1)} ms at most`)
}

async function aLeaseOfTheAgent() {
  const id = await world.lease()
  const lease = await openContract((await leases.find(id, Date.now()))?.contract ?? '', broker.keys.verify)
  if (lease === null) throw new Error('no lease')
  return lease
}

const lease = await aLeaseOfTheAgent()
let digests = 0
const ids: string[] = []
async function askAbout(): Promise<void> {
  const asked = asking(lease, `d${digests++}`, newApprovalId(lease.id))
  const settled = await ledger.commit(asked)
  if (settled.kind !== 'pending') throw new Error(`asked, and got ${settled.kind}`)
  ids.push(settled.approval)
}

async function everything(open: number): Promise<void> {
  console.log(`with ${open} open questions`)
  await measured('  inbox, first page', () => broker.as('hana', 'GET', '/v1/approvals'))
  await measured('  one question', () => world.show(ids[0] ?? ''))
  await measured('  an answer, and the look before it', () => world.yes(ids.pop() ?? ''))
  const commit = () => ledger.commit(committing(lease, { intent: { kind: 'allow', take: ['requests'] } }))
  await measured('  commit of a request that asks nobody', commit, 2000)
  await measured('  commit of a request that asks', askAbout)
}

for (let i = 0; i < 200; i++) await askAbout()
await everything(ids.length)
while (ids.length < OPEN) await Promise.all(Array.from({ length: 50 }, askAbout))
await everything(ids.length)

/** Fifty lines each as YAML. */
function manifest(index: number): Planned {
  const name = `big-${index}`
  const env = Array.from({ length: 14 }, (_, at) => ({ name: `SETTING_${at}`, value: `value ${at} of ${name}` }))
  const labels = { app: name, part: 'web', team: 'shop' }
  const spec = {
    replicas: 3,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: `registry/web:${index}`, env }] } },
  }
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop', labels }, spec }
  return {
    method: 'PATCH',
    target: `/apis/apps/v1/namespaces/shop/deployments/${name}?fieldManager=kubectl&fieldValidation=Strict&force=false`,
    contentType: 'application/apply-patch+yaml',
    body: JSON.stringify(body),
  }
}

const objects = Array.from({ length: 40 }, (_, index) => manifest(index))
const bodies = new Map(objects.map(({ target, body }) => [target.split('?')[0] ?? '', JSON.parse(body) as object]))
const there = async (target: string) => {
  const value = bodies.get(target.split('?')[0] ?? '')
  return value === undefined
    ? ({ kind: 'absent' } as const)
    : ({ kind: 'found', value: { ...value, metadata: { name: 'x', uid: 'u', resourceVersion: '1' } } } as const)
}
const view: ClusterView = {
  get: target =>
    target.includes('apiservices') ? Promise.resolve({ kind: 'found', value: { spec: {} } }) : there(target),
  getAs: (_, target) => there(target),
  dryRunAs: (_, sent) => there(sent.target),
}
const keys = { signingKey: () => broker.keys.signing, verifyKeys: () => broker.keys.verify }
broker.planner = new ClusterPlanner({
  store: new RedisSentStore(link),
  approvals: new RedisApprovalStore(link),
  leases,
  signer: leaseSigner({ ...keys, tokenTtlMs: 300_000 }),
  policy: () => broker.policy,
  view,
  sessions: 'unknown',
  boxKey: () => ({ kid: broker.keys.signing.kid, key: broker.keys.signing.box }),
  clock: Date.now,
  log: { warn: (...args: unknown[]) => console.log(...args) },
})
// The agent has no room for another question among so many.
await link.ask('flush', redis => redis.flushall())
const another = await aLeaseOfTheAgent()
let planned = ''
console.log(`a manifest of 2000 lines: ${objects.length} Deployments in one question`)
await measured(
  '  judged and asked',
  async () => {
    const { status, body } = await world.plan(another.id, objects)
    if (status !== 200) throw new Error(JSON.stringify(body))
    planned = body.approval ?? planned
  },
  1,
)
await measured(
  '  shown with its plan, the first time',
  async () => {
    const { plan, planProblem } = await world.show(planned)
    if (plan === null) throw new Error(planProblem)
  },
  1,
)
await measured('  answered, after another look at all of it', () => world.yes(planned), 1)
await world.stop()
link.close()
