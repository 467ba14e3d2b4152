import { afterAll, afterEach, beforeAll } from 'vitest'
import { authorize } from '../../../../src/authorizer/authorize.ts'
import { leaseSigner } from '../../../../src/broker/leases/lease-signer.ts'
import type { BrokerParts } from '../../../../src/broker/parts.ts'
import { openContract } from '../../../../src/identity/signed/contract.ts'
import { LeaseTokenVerifier } from '../../../../src/identity/token/lease-token-verifier.ts'
import { RedisHoldStore } from '../../../../src/lease/hold/redis-hold-store.ts'
import type { Lease } from '../../../../src/lease/lease.ts'
import { RedisLeaseLedger } from '../../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../../src/lease/redis/redis-lease-store.ts'
import type { Agent, Delegation, Policy } from '../../../../src/policy/policy.ts'
import type { HttpRequest } from '../../../../src/request/http-request.ts'
import { aRoad, http } from '../../../authorizer/road.ts'
import { TestBroker } from '../../test-broker.ts'

/** `web-operator` acts for ada, `fixer` for grace, who is an approver, and `mender` for nobody. */
export const WISH = {
  template: 'restart-web',
  reason: 'web answers slowly',
  ttl: '10m',
  namespaces: ['shop', 'shop-dev'],
}
export const HAND = { template: 'restart-web', reason: 'look at shop for me', ttl: '5m', namespaces: ['shop'] }
export const TO: Delegation = { to: ['fixer', 'mender'], maxLeases: 3, levels: 1 }

export let broker: TestBroker
let before: Policy
beforeAll(async () => {
  broker = await TestBroker.start()
  before = broker.policy
  under(TO)
})
afterAll(() => broker.stop())
afterEach(async () => {
  under(TO)
  for (const agent of ['web-operator', 'fixer', 'mender'])
    await broker.as('root', 'DELETE', `/v1/holds/${agent}`, { reason: 'tidy up' })
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`)
})

/** What web-operator may hand on, and fixer, which has a grant of its own where that is said. */
export function under(delegation: Delegation | null, ofFixer?: Delegation): void {
  const agent = (name: string, sponsor: string): Agent => ({
    name,
    match: { issuer: 'corp', claims: { sub: name } },
    sponsor: { kind: 'fixed', name: sponsor },
  })
  const given = delegation === null ? {} : { delegation }
  const fixers = ofFixer === undefined ? [] : [{ agent: 'fixer', namespaces: ['shop'], delegation: ofFixer }]
  const templates = before.templates.map(each => ({
    ...each,
    maxLeases: 50,
    grants: [...each.grants.map(grant => (grant.agent === 'web-operator' ? { ...grant, ...given } : grant)), ...fixers],
  }))
  broker.policy = { ...before, agents: [...before.agents, agent('fixer', 'grace'), agent('mender', '')], templates }
}

export const ask = async (as = 'web-operator') => (await broker.as(as, 'POST', '/v1/leases', WISH)).body
export const hand = (parent: string, forAgent = 'fixer', wish: object = {}, as = 'web-operator') =>
  broker.as(as, 'POST', '/v1/leases', { ...HAND, parent, forAgent, ...wish })
export const token = (id: string, as: string) => broker.as(as, 'POST', `/v1/leases/${id}/token`, {})
export const stateOf = async (id: string) => (await broker.as('root', 'GET', `/v1/leases/${id}`)).body.state.kind
export const signed = async (id: string) => {
  const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
  return (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
}

export async function aHanded(wish: object = {}, forAgent = 'fixer') {
  const parent = await ask()
  const { status, body } = await hand(parent.id, forAgent, wish)
  if (status !== 201) throw new Error(body.message)
  return { parent, child: body }
}

/** As Envoy asks, with the token that the agent was given. */
export async function send(id: string, as: string, line = 'GET /api/v1/namespaces/shop/pods/web-0', given = {}) {
  const issued = await token(id, as)
  if (issued.status !== 200) throw new Error(issued.body.message)
  return sendWith(issued.body.token, line, given)
}

export async function sendWith(bearer: string, line: string, given: Partial<HttpRequest> = {}) {
  const { around } = await aRoad()
  const ledger = new RedisLeaseLedger(broker.link)
  const verifier = new LeaseTokenVerifier(() => broker.keys.verify)
  const road = {
    ...around,
    now: Date.now,
    ledger,
    identify: (headers: Parameters<typeof verifier.identify>[0], now: number) => verifier.identify(headers, now),
    findLease: async (lease: string) => openContract((await ledger.contract(lease)) ?? '', broker.keys.verify),
    policy: () => broker.policy,
    deadlineMs: 10_000,
  }
  const decision = await authorize({ ...http(line, bearer, given), id: crypto.randomUUID() }, road)
  return decision.kind === 'deny' ? decision.reason : decision.kind
}

export const parts = () => {
  const signer = leaseSigner({
    signingKey: () => broker.keys.signing,
    verifyKeys: () => broker.keys.verify,
    tokenTtlMs: 60_000,
  })
  const stores = { leases: new RedisLeaseStore(broker.link), holds: new RedisHoldStore(broker.link) }
  return { ...stores, signer, policy: () => broker.policy, clock: Date.now } as unknown as BrokerParts
}
