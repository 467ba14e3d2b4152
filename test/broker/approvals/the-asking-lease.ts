import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { Person, Policy } from '../../../src/policy/policy.ts'
import { aQuestion, asking } from '../../lease/a-lease.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { TestBroker } from '../test-broker.ts'

const USE_MS = 300_000
export const TWO: Quorum = { people: 2, groups: [] }

/** One for all that `several-people.test.ts` has, and one lease that asks in each test. */
export let broker: TestBroker
let github: TestIssuer
export let policy: Policy
let lease: Lease
export let ledger: RedisLeaseLedger

beforeAll(async () => {
  broker = await TestBroker.start()
  github = await TestIssuer.create({ name: 'github', issuer: 'https://github.example' })
  const { corp } = broker
  const person = (name: string, given: Partial<Person> = {}): Person => ({
    name,
    match: { issuer: corp.issuer.name, claims: { sub: name } },
    roles: ['approver'],
    alsoKnownAs: [],
    ...given,
  })
  const atGithub = (sub: string) => ({ issuer: github.issuer.name, claims: { sub } })
  policy = {
    ...broker.policy,
    issuers: [corp.issuer, github.issuer],
    people: [
      ...['hana', 'grace', 'ivy'].map(name => person(name)),
      person('root', { roles: ['admin'] }),
      person('hana-gh', { match: atGithub('4711'), alsoKnownAs: ['hana'] }),
      person('somebody-gh', { match: atGithub('4712') }),
    ],
    groups: [
      { name: 'oncall', members: ['grace'], match: { issuer: corp.issuer.name, claims: { groups: 'sre-oncall' } } },
    ],
  }
  broker.policy = policy
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
  const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
  const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
  lease = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
  ledger = new RedisLeaseLedger(broker.link, {
    verifyAnswer: answerVerifier({
      keys: () => broker.keys.verify,
      useMs: USE_MS,
      askMs: 900_000,
      isApprover: name => broker.policy.people.some(one => one.name === name && one.roles.includes('approver')),
      electorate: () => broker.policy,
    }),
    limits: { ...LIMITS, questionsOfLease: 1000, questionsOfAgent: 1000, questionsPerMinute: 1000 },
  })
})
afterAll(() => broker.stop())

/** As the authorizer asks; with the same digest again it uses the answer. */
export function commit(digest: string, quorum: Quorum) {
  const asked = asking(lease, digest, newApprovalId(lease.id))
  const question = JSON.stringify({ ...aQuestion(lease), sponsor, quorum })
  return ledger.commit({ ...asked, intent: { ...asked.intent, quorum, question } as typeof asked.intent })
}

export let digest: string
let sponsor = 'ada'
/** From here on it is about something else. */
export function another(): void {
  digest = randomBytes(32).toString('hex')
}

beforeEach(() => {
  broker.policy = policy
  another()
})

export async function pending(quorum = TWO, by = 'ada'): Promise<string> {
  sponsor = by
  const committed = await commit(digest, quorum)
  if (committed.kind !== 'pending') throw new Error(`asked, and got ${committed.kind}`)
  return committed.approval
}

export const say = async (sub: string, id: string, verb = 'approve', reason = '', claims: object = {}) =>
  broker.call('POST', `/v1/approvals/${id}/${verb}`, {
    token: await broker.token(sub, { ...claims }),
    body: { digest, reason },
  })

export const sayAtGithub = async (sub: string, id: string, claims: object = {}) =>
  broker.call('POST', `/v1/approvals/${id}/approve`, {
    token: await github.token({ sub, sponsor: sub, ...claims }),
    body: { digest },
  })

export const seen = async (id: string, sub = 'ivy') => (await broker.as(sub, 'GET', `/v1/approvals/${id}`)).body
