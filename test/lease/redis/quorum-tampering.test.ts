import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { type SignedAnswer, sealAnswer } from '../../../src/identity/signed/answer.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { ONE, type Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { Person, Policy } from '../../../src/policy/policy.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { type TestKeys, testKeys } from '../../support/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { aLease, aQuestion, asking, creating } from '../a-lease.ts'

const USE_MS = 10_000
const ASK_MS = 30_000
const TWO: Quorum = { people: 2, groups: [] }

let valkey: Valkey
/** Holds every right on the store. */
let attacker: RedisLink
let keys: TestKeys
let approvals: RedisApprovalStore
let ledger: RedisLeaseLedger
let policy: Pick<Policy, 'people' | 'groups'>
let lease: Lease

const person = (name: string, given: Partial<Person> = {}): Person => ({
  name,
  match: { issuer: 'corp', claims: { sub: name } },
  roles: ['approver'],
  alsoKnownAs: [],
  ...given,
})

beforeAll(async () => {
  valkey = await Valkey.start()
  attacker = await valkey.connected()
  keys = await testKeys()
  approvals = new RedisApprovalStore(attacker)
})
afterAll(() => valkey.stop())

beforeEach(async () => {
  policy = { people: ['grace', 'hana', 'ivy'].map(name => person(name)), groups: [] }
  ledger = anAuthorizer()
  lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
  await new RedisLeaseStore(attacker).create(creating(lease))
})

const anAuthorizer = () =>
  new RedisLeaseLedger(attacker, {
    verifyAnswer: answerVerifier({
      keys: () => keys.verify,
      useMs: USE_MS,
      askMs: ASK_MS,
      isApprover: name => policy.people.some(one => one.name === name && one.roles.includes('approver')),
      electorate: () => policy,
    }),
  })

/** As the authorizer asks: who has to say yes comes from the policy, and stands in the question. */
function wanting(quorum: Quorum, digest = 'aa', proposedId = newApprovalId(lease.id)) {
  const asked = asking(lease, digest, proposedId)
  const question = JSON.stringify({ ...aQuestion(lease), ...(quorum === ONE ? {} : { quorum }) })
  return { ...asked, intent: { ...asked.intent, quorum, question } as typeof asked.intent }
}

async function question(quorum = TWO, digest = 'aa') {
  const id = newApprovalId(lease.id)
  expect(await ledger.commit(wanting(quorum, digest, id))).toMatchObject({ kind: 'pending', approval: id })
  return { id, again: () => wanting(quorum, digest) }
}

/** What the broker signs of a yes, to the question as the store shows it. */
async function yes(id: string, by: string, given: Partial<SignedAnswer> = {}): Promise<string> {
  const approval = await approvals.find(id, Date.now())
  if (approval === null) throw new Error('nothing to approve')
  const { lease, agent, digest, questionSha256: question } = approval
  const at = Date.now()
  const told = { issuer: 'corp', names: [by], groups: [], seen: '' }
  const said = { verdict: 'approved', by, at, endsAt: at + USE_MS, ...told } as const
  return sealAnswer({ approval: id, lease, agent, digest, question, ...said, ...given }, keys.signing)
}

const hack = (...[name, ...args]: [string, ...(string | number)[]]) =>
  attacker.ask(name, redis => redis.call(name, ...args))

/** The store says that it was approved, by these. */
function store(id: string, ...texts: string[]) {
  const key = `${partitionPrefix(partitionOf(id))}approval:${id}`
  const until = Date.now() + 60_000
  return hack('HSET', key, 'state', 'approved', 'decidedBy', 'all', 'endsAt', until, 'answer', texts.join(' '))
}

describe('two people', () => {
  test('who both said yes let exactly one request through', async () => {
    const { id, again } = await question()
    await store(id, await yes(id, 'grace'), await yes(id, 'hana'))
    expect(await ledger.commit(again())).toEqual({ kind: 'allowed', approval: id })
    expect((await ledger.commit(again())).kind).not.toBe('allowed')
  })

  test.each<{ name: string; texts: (id: string) => Promise<readonly string[]> }>([
    { name: 'one yes', texts: async id => [await yes(id, 'grace')] },
    {
      name: 'one yes twice',
      texts: async id => {
        const text = await yes(id, 'grace')
        return [text, text]
      },
    },
    { name: 'two yeses of one person', texts: async id => [await yes(id, 'grace'), await yes(id, 'grace')] },
    { name: 'a yes and nonsense', texts: async id => [await yes(id, 'grace'), 'yes'] },
    {
      name: 'a yes and a no',
      texts: async id => [await yes(id, 'grace'), await yes(id, 'hana', { verdict: 'rejected' })],
    },
    {
      name: 'a yes and one of another request',
      texts: async id => [await yes(id, 'grace'), await yes(id, 'hana', { digest: 'bb' })],
    },
    {
      name: 'a yes and one of another approval',
      texts: async id => {
        const other = await question(TWO, 'bb')
        return [await yes(id, 'grace'), await yes(other.id, 'hana')]
      },
    },
    {
      name: 'two yeses of which one was to what is no longer there',
      texts: async id => [await yes(id, 'grace', { seen: 'before' }), await yes(id, 'hana', { seen: 'after' })],
    },
    {
      name: 'one that was said longer ago than a question waits',
      texts: async id => [
        await yes(id, 'grace', { at: Date.now() - ASK_MS - USE_MS - 1, endsAt: Date.now() + 60_000 }),
        await yes(id, 'hana'),
      ],
    },
    {
      name: 'two that were said too long ago to be used, whatever they say themselves',
      texts: async id => {
        const old = { at: Date.now() - USE_MS - 1, endsAt: Date.now() + 60_000 }
        return [await yes(id, 'grace', old), await yes(id, 'hana', old)]
      },
    },
    {
      name: 'one account under a name that the other token has too',
      texts: async id => [
        await yes(id, 'grace', { names: ['grace', 'g@corp.example'] }),
        await yes(id, 'hana', { issuer: 'github', names: ['hana', 'g@corp.example'] }),
      ],
    },
    {
      name: 'accounts of two issuers of which nobody can tell whether they are two people',
      texts: async id => [
        await yes(id, 'grace', { names: ['grace', 'g@x'] }),
        await yes(id, 'hana', { issuer: 'github' }),
      ],
    },
    {
      name: 'more texts than anybody signs',
      texts: async id => [...Array(9).fill('x'), await yes(id, 'grace'), await yes(id, 'hana')],
    },
  ])('are not: $name', async ({ texts }) => {
    const { id, again } = await question()
    await store(id, ...(await texts(id)))
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
  })

  test('are as many as the policy wants, whatever the store shows an approver', async () => {
    const { id, again } = await question()
    const key = `${partitionPrefix(partitionOf(id))}approval:${id}`
    for (const quorum of [undefined, ONE]) {
      await hack('HSET', key, 'question', JSON.stringify({ ...aQuestion(lease), quorum }))
      expect((await approvals.find(id, Date.now()))?.question.quorum?.people ?? 1).toBe(1)
      await store(id, await yes(id, 'grace'))
      expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
    }
  })

  test('said yes at two moments: the first waits as long as the question does', async () => {
    const { id, again } = await question()
    const earlier = { at: Date.now() - USE_MS - 1, endsAt: Date.now() + 60_000 }
    await store(id, await yes(id, 'grace', earlier), await yes(id, 'hana'))
    expect(await ledger.commit(again())).toEqual({ kind: 'allowed', approval: id })
  })

  test.each<{ name: string; edit: (people: readonly Person[]) => readonly Person[] }>([
    { name: 'one was taken out', edit: people => people.filter(({ name }) => name !== 'hana') },
    {
      name: 'one is no approver any more',
      edit: ([one, ...rest]) => [{ ...(one as Person), roles: ['admin'] }, ...rest],
    },
    { name: 'they turned out to be one', edit: () => [person('grace', { alsoKnownAs: ['hana'] }), person('hana')] },
  ])('are not two by the policy of the moment when $name', async ({ edit }) => {
    const { id, again } = await question()
    await store(id, await yes(id, 'grace'), await yes(id, 'hana'))
    policy = { ...policy, people: edit(policy.people) }
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
  })

  test('are still two when somebody else was taken out', async () => {
    const { id, again } = await question()
    await store(id, await yes(id, 'grace'), await yes(id, 'hana'))
    policy = { ...policy, people: policy.people.filter(({ name }) => name !== 'ivy') }
    expect(await ledger.commit(again())).toEqual({ kind: 'allowed', approval: id })
  })
})

describe('people of a group', () => {
  const oncall: Quorum = { people: 1, groups: [['oncall']] }
  const group = (members: readonly string[]) => ({ name: 'oncall', members, match: null })

  test('are those that the policy of the moment has in it', async () => {
    policy = { ...policy, groups: [group(['hana'])] }
    const { id, again } = await question(oncall)
    await store(id, await yes(id, 'grace'))
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
    await store(id, await yes(id, 'hana'))
    const before = policy
    policy = { ...policy, groups: [group(['ivy'])] }
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
    policy = before
    expect(await ledger.commit(again())).toEqual({ kind: 'allowed', approval: id })
  })

  test('of no group that the policy has nobody says yes', async () => {
    const { id, again } = await question(oncall)
    await store(id, await yes(id, 'hana', { groups: ['oncall'] }))
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
  })
})
