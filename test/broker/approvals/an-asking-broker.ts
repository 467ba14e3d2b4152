import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { asking } from '../../lease/a-lease.ts'
import { TestBroker } from '../test-broker.ts'

/** Of one file of tests: an agent has so many questions a minute at most. */
export let broker: TestBroker
let lease: Lease
let ledger: RedisLeaseLedger

/** Called by each file of tests: a worker reads this module once for all of its files. */
export function withAskingBroker(): void {
  beforeAll(async () => {
    broker = await TestBroker.start()
    const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
    const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
    ledger = new RedisLeaseLedger(broker.link, { verifyAnswer })
    lease = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
  })
  afterAll(() => broker.stop())
}

export const digest = () => randomBytes(32).toString('hex')

/** As the authorizer asks when a request wants a human's yes; with the same digest again, it uses the answer. */
export async function commit(of: string, sponsor = 'ada') {
  const question = {
    summary: 'get secrets "db" in shop',
    method: 'GET',
    target: '/api/v1/namespaces/shop/secrets/db',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    risk: 'secrets-read',
    agent: lease.agent,
    sponsor,
    task: 'slow',
    lease: lease.id,
  }
  const asked = asking(lease, of, newApprovalId(lease.id))
  const intent = { ...asked.intent, question: JSON.stringify(question) } as typeof asked.intent
  return ledger.commit({ ...asked, intent })
}

export async function pending(of = digest(), sponsor = 'ada'): Promise<string> {
  const committed = await commit(of, sponsor)
  if (committed.kind !== 'pending') throw new Error(`asked, and got ${committed.kind}`)
  return committed.approval
}

/** As somebody does who looked at it first. */
export async function answer(sub: string, id: string, verb = 'approve') {
  const { digest = '0' } = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
  return broker.as(sub, 'POST', `/v1/approvals/${id}/${verb}`, { digest })
}
