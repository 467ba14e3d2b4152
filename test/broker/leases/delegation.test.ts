import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { handedTo, unlessHeldNow } from '../../../src/broker/leases/hand-on.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { mustHold } from '../../../src/broker/leases/must-hold.ts'
import type { BrokerParts } from '../../../src/broker/parts.ts'
import { openContract } from '../../../src/identity/token/contract.ts'
import { LeaseTokenVerifier } from '../../../src/identity/token/lease-token-verifier.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { agentPartition, newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { Agent, Delegation, Policy } from '../../../src/policy/policy.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { aRoad, http } from '../../authorizer/road.ts'
import { aQuestion, asking } from '../../lease/a-lease.ts'
import { TestBroker } from '../test-broker.ts'

/** `web-operator` acts for ada, `fixer` for grace, who is an approver, and `mender` for nobody. */
const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop', 'shop-dev'] }
const HAND = { template: 'restart-web', reason: 'look at shop for me', ttl: '5m', namespaces: ['shop'] }
const TO: Delegation = { to: ['fixer', 'mender'], maxLeases: 3, levels: 1 }

let broker: TestBroker
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
function under(delegation: Delegation | null, ofFixer?: Delegation): void {
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

const ask = async (as = 'web-operator') => (await broker.as(as, 'POST', '/v1/leases', WISH)).body
const hand = (parent: string, forAgent = 'fixer', wish: object = {}, as = 'web-operator') =>
  broker.as(as, 'POST', '/v1/leases', { ...HAND, parent, forAgent, ...wish })
const token = (id: string, as: string) => broker.as(as, 'POST', `/v1/leases/${id}/token`, {})
const stateOf = async (id: string) => (await broker.as('root', 'GET', `/v1/leases/${id}`)).body.state.kind
const signed = async (id: string) => {
  const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
  return (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
}

async function aHanded(wish: object = {}, forAgent = 'fixer') {
  const parent = await ask()
  const { status, body } = await hand(parent.id, forAgent, wish)
  if (status !== 201) throw new Error(body.message)
  return { parent, child: body }
}

/** As Envoy asks, with the token that the agent was given. */
async function send(id: string, as: string, line = 'GET /api/v1/namespaces/shop/pods/web-0', given = {}) {
  const issued = await token(id, as)
  if (issued.status !== 200) throw new Error(issued.body.message)
  return sendWith(issued.body.token, line, given)
}

async function sendWith(bearer: string, line: string, given: Partial<HttpRequest> = {}) {
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

const parts = () => {
  const signer = leaseSigner({
    signingKey: () => broker.keys.signing,
    verifyKeys: () => broker.keys.verify,
    tokenTtlMs: 60_000,
  })
  const stores = { leases: new RedisLeaseStore(broker.link), holds: new RedisHoldStore(broker.link) }
  return { ...stores, signer, policy: () => broker.policy, clock: Date.now } as unknown as BrokerParts
}

describe('a lease that is handed to another agent', () => {
  test('is that agent’s, with who gave it and for whom, and its own token opens what it covers', async () => {
    const { parent, child } = await aHanded()
    expect(child).toMatchObject({
      agent: 'fixer',
      delegated: { by: 'web-operator', issuer: 'corp' },
      issuer: 'corp',
      sponsor: 'ada',
      agentSponsor: 'grace',
      ancestors: [parent.id],
      namespaces: ['shop'],
      handedOn: true,
    })
    expect(child.expiresAt).toBeLessThan(parent.expiresAt)
    const { state: _, taken: __, handedOn: ___, ...contract } = child
    expect(await signed(child.id)).toEqual(contract)
    expect(partitionOf(child.id)).not.toBe(agentPartition('fixer', PARTITIONS))

    const { leases } = (await broker.as('fixer', 'GET', '/v1/leases')).body
    expect(leases).toEqual([{ ...contract, state: { kind: 'active' }, taken: {} }])
    expect(await send(child.id, 'fixer')).toBe('allow')
    expect(await send(child.id, 'fixer', 'GET /api/v1/namespaces/shop-dev/pods/web-0')).toBe('out-of-scope')
    expect((await broker.as('root', 'GET', `/v1/leases/${parent.id}`)).body.taken).toEqual({ requests: 1 })
  })

  test('is seen, narrowed and ended by who gave it, and used by nobody but who got it', async () => {
    const { parent, child } = await aHanded()
    const listed = (await broker.as('web-operator', 'GET', '/v1/leases')).body.leases
    expect(listed.map(({ id, handedOn }: never) => [id, handedOn ?? false])).toEqual([
      [parent.id, false],
      [child.id, true],
    ])
    expect((await broker.as('web-operator', 'GET', `/v1/leases/${child.id}`)).status).toBe(200)
    expect((await token(child.id, 'web-operator')).status).toBe(403)
    expect((await hand(child.id, 'mender')).status).toBe(403)
    expect((await broker.as('web-operator', 'POST', '/v1/leases', { ...HAND, parent: child.id })).status).toBe(403)
    for (const other of ['triage', 'mender']) expect((await token(child.id, other)).status).toBe(404)
    expect((await token(parent.id, 'fixer')).status).toBe(404)

    const narrowed = await broker.as('web-operator', 'POST', `/v1/leases/${child.id}/narrow`, {
      budgets: { requests: 1 },
    })
    expect(narrowed).toMatchObject({ status: 200, body: { budgets: { requests: 1 } } })
    expect(await send(child.id, 'fixer')).toBe('allow')
    expect(await send(child.id, 'fixer')).toBe('budget-spent')
    const bearer = (await token(child.id, 'fixer')).body.token
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${child.id}`)).status).toBe(200)
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('lease-revoked')
    expect((await broker.as('fixer', 'GET', '/v1/leases')).body.leases).toEqual([])
  })

  test('is none where the policy does not say so, and not for oneself, without a lease, or wider', async () => {
    const parent = await ask()
    const refused = async (status: number, answer: ReturnType<typeof hand>, like: RegExp) => {
      const { status: got, body } = await answer
      expect([got, body.message]).toEqual([status, expect.stringMatching(like)])
    }
    await refused(
      403,
      hand(parent.id, 'triage'),
      /may not hand leases of template "restart-web" to "triage"; it may to: fixer, mender/,
    )
    await refused(403, hand(parent.id, 'nobody'), /to "nobody"; it may to: fixer, mender/)
    await refused(400, hand(parent.id, 'web-operator'), /is whoever asks/)
    await refused(400, hand(parent.id, 'fixer', { parent: null }), /--parent/)
    await refused(400, hand(parent.id, 'fixer', { onBehalfOf: 'x' }), /consent/)
    const small = (await broker.as('web-operator', 'POST', '/v1/leases', HAND)).body
    await refused(403, hand(small.id, 'fixer', { namespaces: ['shop-dev'] }), /must lie within its parent/)
    under(null)
    await refused(403, hand(parent.id), /it may to: nobody/)
    // Who may be handed one may not ask for one.
    under(TO)
    await refused(403, broker.as('fixer', 'POST', '/v1/leases', WISH), /no template/)
  })

  test('ends with the lease above it, with either agent, and with what the policy says', async () => {
    const ends = async (how: (pair: { parent: { id: string }; child: { id: string } }) => Promise<unknown>) => {
      const pair = await aHanded()
      const bearer = (await token(pair.child.id, 'fixer')).body.token
      expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('allow')
      await how(pair)
      return sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')
    }
    const root = (method: string, path: string, body: object) => broker.as('root', method, path, body)
    expect(await ends(({ parent }) => root('DELETE', `/v1/leases/${parent.id}`, {}))).toBe('lease-revoked')
    const hold = (agent: string) => root('POST', '/v1/holds', { agent, reason: 'odd' })
    expect(await ends(() => hold('web-operator'))).toBe('lease-revoked')
    await broker.as('root', 'DELETE', '/v1/holds/web-operator', { reason: 'tidy up' })
    // In another part of the store than the lease.
    expect(await ends(async ({ child }) => expect((await hold('fixer')).body.ended).toEqual([child.id]))).toBe(
      'lease-revoked',
    )
    await broker.as('root', 'DELETE', '/v1/holds/fixer', { reason: 'tidy up' })
    for (const agent of ['web-operator', 'fixer']) {
      const subject = { kind: 'agent', name: agent }
      const act = (what: string) => root('POST', '/v1/stops', { act: what, subject, reason: 'odd' })
      expect(await ends(() => act('freeze'))).toBe('lease-frozen')
      await act('thaw')
    }
    expect(
      await ends(() =>
        root('POST', '/v1/stops', { act: 'end', subject: { kind: 'sponsor', name: 'grace' }, reason: 'odd' }),
      ),
    ).toBe('lease-revoked')
    expect(await ends(async () => under({ ...TO, to: ['mender'] }))).toBe('not-in-policy')
    under(TO)
    expect(await ends(async () => under(null))).toBe('not-in-policy')
  })

  test('is not given to a held agent, nor by one, nor is one there that a hold crossed', async () => {
    const parent = await ask()
    const { child } = await aHanded()
    const holds = new RedisHoldStore(broker.link)
    const hold = { agent: 'fixer', by: 'root', reason: 'odd', at: Date.now(), until: null }
    await holds.place({ hold, event: '{"kind":"hold"}' })
    expect(await hand(parent.id)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('"fixer" is held') },
    })
    // Placed after the look and before its leases are ended: whoever made this one ends it.
    expect(await stateOf(child.id)).toBe('active')
    await expect(unlessHeldNow(await signed(child.id), parts())).rejects.toThrow('"fixer" is held')
    expect(await stateOf(child.id)).toBe('revoked')
    expect((await hand(parent.id, 'mender')).status).toBe(201)
    await holds.place({ hold: { ...hold, agent: 'web-operator' }, event: '{"kind":"hold"}' })
    expect(await hand(parent.id, 'mender')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('"web-operator" is held') },
    })
  })

  test('is handed on no further than each on the way lets it, and never back', async () => {
    const onward = { to: ['mender', 'web-operator'], maxLeases: 5, levels: 1 }
    const { child } = await aHanded()
    expect((await hand(child.id, 'mender', {}, 'fixer')).status).toBe(403)
    under(TO, onward)
    expect(await hand(child.id, 'mender', {}, 'fixer')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('agent "web-operator", which handed') },
    })
    under({ ...TO, levels: 2 }, onward)
    expect((await hand(child.id, 'web-operator', {}, 'fixer')).status).toBe(403)
    const further = await hand(child.id, 'mender', { ttl: '1m' }, 'fixer')
    expect(further).toMatchObject({
      status: 201,
      body: { agent: 'mender', sponsor: 'ada', agentSponsor: '', delegated: { by: 'fixer' } },
    })
    const bearer = (await token(further.body.id, 'mender')).body.token
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('allow')
    const listed = (await broker.as('fixer', 'GET', '/v1/leases')).body.leases
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([child.id, further.body.id])
    // Today's policy binds what was handed on before.
    under(TO, onward)
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('not-in-policy')
    under({ ...TO, levels: 2 }, onward)
    await broker.as('root', 'POST', '/v1/holds', { agent: 'fixer', reason: 'odd' })
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('lease-revoked')
  })

  test('there are so many of under one lease, and all count for who hands them', async () => {
    const prefix = partitionPrefix(agentPartition('web-operator', PARTITIONS))
    const lists = ['listed:web-operator', 'listed:fixer', 'listed:to:fixer', 'leases']
    const listed = () =>
      Promise.all(lists.map(key => broker.link.ask('listed', redis => redis.zcard(`${prefix}${key}`))))
    const before = await listed()
    const more = async () => (await listed()).map((count, at) => count - (before[at] ?? 0))
    const parent = await ask()
    const own = (await broker.as('web-operator', 'POST', '/v1/leases', { ...HAND, parent: parent.id })).body
    const given = [await hand(parent.id), await hand(own.id, 'mender'), await hand(parent.id)]
    expect(given.map(({ status }) => status)).toEqual([201, 201, 201])
    const beyond = { status: 409, body: { message: expect.stringContaining('3 of the leases under') } }
    expect(await hand(own.id)).toMatchObject(beyond)
    expect(await more()).toEqual([5, 0, 2, 5])
    await broker.as('fixer', 'DELETE', `/v1/leases/${given[0]?.body.id}`)
    expect(await more()).toEqual([4, 0, 1, 4])
    expect((await hand(own.id)).status).toBe(201)
    expect(await hand(own.id)).toMatchObject(beyond)
  })

  test('of several grants on the way the strictest says how many there may be', async () => {
    under({ ...TO, levels: 2, maxLeases: 1 }, { to: ['mender'], maxLeases: 5, levels: 1 })
    const { child } = await aHanded()
    const beyond = { status: 409, body: { message: expect.stringContaining('1 of the leases under') } }
    expect(await hand(child.id, 'mender', {}, 'fixer')).toMatchObject(beyond)
    under({ ...TO, levels: 2, maxLeases: 2 }, { to: ['mender'], maxLeases: 5, levels: 1 })
    expect((await hand(child.id, 'mender', {}, 'fixer')).status).toBe(201)
  })

  test('is nothing to a token that went through others, whom nobody asked about', async () => {
    const { child } = await aHanded()
    const lease = await signed(child.id)
    const through = (...subjects: string[]) => ({ agent: 'fixer', actors: subjects.map(subject => ({ subject })) })
    expect(() => mustHold(lease, through('fixer', 'hana'))).toThrow('your token went through hana')
    expect(mustHold(lease, through('fixer'))).toBeNull()
    expect(mustHold({ ...lease, actors: [{ subject: 'desk' }] }, through('fixer', 'desk'))).toBeNull()
    const { delegated: _, ...own } = lease
    expect(mustHold(own, through('fixer', 'hana'))).toBeNull()
  })

  test('is none of what is bound to a certificate', async () => {
    const parent = await signed((await ask()).id)
    const holder = { authority: 'mesh', name: 'spiffe://corp/op', thumbprint: 'x'.repeat(43), boundTo: 'name' } as const
    const identity = { issuer: 'corp', subject: 'web-operator', claims: {}, expiresAt: 0 }
    const agent = { kind: 'agent', agent: 'web-operator', sponsor: 'ada', identity } as const
    const [template] = broker.policy.templates
    if (template === undefined) throw new Error('no template')
    const asked = { agent, wish: { forAgent: 'fixer', onBehalfOf: null }, template, parent }
    await expect(handedTo({ ...asked, parent: { ...parent, holder } }, parts())).rejects.toThrow(
      'bound to a client certificate',
    )
    const required = { ...template, certificate: 'required' } as const
    await expect(handedTo({ ...asked, template: required }, parts())).rejects.toThrow('who shows a client certificate')
    expect(await handedTo(asked, parts())).toMatchObject({ most: 3, lease: { agent: 'fixer' } })
    // The agent comes with its sponsor as the policy spells it, whoever that is to the lease above.
    const spelled = await handedTo({ ...asked, parent: { ...parent, sponsor: 'Grace' } }, parts())
    expect(spelled?.lease.agentSponsor).toBe('grace')
  })

  test('stands in the journal with both', async () => {
    const { parent, child } = await aHanded()
    const key = `${partitionPrefix(partitionOf(child.id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    const events = items.map(([, [, entry = '{}']]) => JSON.parse(entry))
    expect(events.find(({ lease }) => lease === child.id)).toMatchObject({
      event: 'issued',
      agent: 'fixer',
      delegatedBy: 'web-operator',
      by: 'web-operator for ada, to fixer for grace',
      ancestors: [parent.id],
    })
  })
})

describe('what is asked under it', () => {
  const verifyAnswer = () => answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  const commit = (lease: Lease, of: string, subject = of) => {
    const asked = asking(lease, of, newApprovalId(lease.id))
    const { sponsor, delegated } = lease
    const question = JSON.stringify({ ...aQuestion(lease), sponsor, ...(delegated && { delegatedBy: delegated.by }) })
    const limits = [lease, ...lease.ancestors].map(() => ({}))
    return new RedisLeaseLedger(broker.link, { verifyAnswer: verifyAnswer() }).commit({
      ...asked,
      limits,
      intent: { ...asked.intent, question, subject } as typeof asked.intent,
    })
  }
  const digest = () => randomBytes(32).toString('hex')
  const pending = async (lease: Lease, of = digest()) => {
    const committed = await commit(lease, of)
    if (committed.kind !== 'pending') throw new Error(committed.kind)
    return committed.approval
  }
  const answer = async (id: string, as: string, verb = 'approve', claims: Record<string, unknown> = {}) => {
    const shown = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
    const call = { token: await broker.token(as, claims), body: { digest: shown.digest } }
    return broker.call('POST', `/v1/approvals/${id}/${verb}`, call)
  }

  test('is answered by nobody for whom either agent acts, however their tokens name them', async () => {
    const { child } = await aHanded()
    const lease = await signed(child.id)
    const id = await pending(lease)
    expect((await answer(id, 'grace')).status).toBe(403)
    // hana's token says that she is whom web-operator's calls its sponsor; fixer's name theirs by no claim.
    expect((await answer(id, 'hana', 'approve', { sponsor: 'ada' })).status).toBe(403)
    expect((await answer(id, 'hana')).status).toBe(200)
    expect((await broker.as('fixer', 'GET', `/v1/approvals/${id}`)).status).toBe(200)
    expect((await broker.as('web-operator', 'GET', `/v1/approvals/${id}`)).status).toBe(404)
    const next = await pending(lease)
    const waiting = (await broker.as('fixer', 'GET', '/v1/approvals')).body.approvals
    expect(waiting.map((one: { id: string }) => one.id)).toEqual([next])
  })

  test('gets no yes while the lease cannot be read, so that nobody hides who is behind it', async () => {
    const { parent, child } = await aHanded()
    const id = await pending(await signed(child.id))
    const key = (lease: string) => `${partitionPrefix(partitionOf(lease))}lease:${lease}`
    const contractOf = (lease: string) => broker.link.ask('get', redis => redis.hget(key(lease), 'contract'))
    const [own, above] = [(await contractOf(child.id)) ?? '', (await contractOf(parent.id)) ?? '']
    await broker.link.ask('del', redis => redis.hdel(key(child.id), 'contract'))
    expect((await answer(id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key(child.id), { contract: above }))
    expect((await answer(id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key(child.id), { contract: own }))
    expect((await answer(id, 'hana')).status).toBe(200)
  })

  test('says who handed it on also where its agent narrowed it for itself, and gets no yes once that cannot be read', async () => {
    under(TO, { to: ['mender'], maxLeases: 1, levels: 1 })
    const { policy } = broker
    const approval = { skip: [], require: ['pods-log'] }
    const templates = policy.templates.map(each => ({
      ...each,
      approval,
      rules: each.rules.map(rule => ({ ...rule, resources: ['pods', 'pods/log'] })),
    }))
    broker.policy = { ...policy, templates }
    const { child } = await aHanded()
    const log = { route: 'stream' } as const
    const own = await broker.as('fixer', 'POST', '/v1/leases', { ...HAND, ttl: '2m', parent: child.id })
    expect(own.body).toMatchObject({ agent: 'fixer', ancestors: [expect.any(String), child.id] })
    expect((await signed(own.body.id)).delegated).toBeUndefined()
    expect(await send(own.body.id, 'fixer', 'GET /api/v1/namespaces/shop/pods/web-0/log', log)).toBe('approval-pending')
    const { approvals } = (await broker.as('hana', 'GET', '/v1/approvals')).body
    const asked = approvals.find((one: { lease: string }) => one.lease === own.body.id)
    expect(asked.question).toMatchObject({ agent: 'fixer', delegatedBy: 'web-operator', sponsor: 'ada' })
    const key = `${partitionPrefix(partitionOf(own.body.id))}lease:${own.body.id}`
    const contract = (await broker.link.ask('get', redis => redis.hget(key, 'contract'))) ?? ''
    await broker.link.ask('del', redis => redis.hdel(key, 'contract'))
    expect((await answer(asked.id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key, { contract }))
    expect((await answer(asked.id, 'hana')).status).toBe(200)
  })

  test('a no to one of the agents is a no to all of them', async () => {
    const { parent, child } = await aHanded()
    const [above, lease] = [await signed(parent.id), await signed(child.id)]
    const subject = digest()
    const rejected = async (of: Lease) => (await commit(of, digest(), subject)).kind
    const first = await commit(above, digest(), subject)
    if (first.kind !== 'pending') throw new Error(first.kind)
    await answer(first.approval, 'hana', 'reject')
    expect(await rejected(lease)).toBe('rejected')
    const other = digest()
    const second = await commit(lease, digest(), other)
    if (second.kind !== 'pending') throw new Error(second.kind)
    await answer(second.approval, 'hana', 'reject')
    expect((await commit(above, digest(), other)).kind).toBe('rejected')
  })
})
