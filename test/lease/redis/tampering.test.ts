import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { answerVerifier, sha256 } from '../../../src/approval/verify-answer.ts'
import { leaseCache } from '../../../src/authorizer/lease-cache.ts'
import { type SignedAnswer, sealAnswer } from '../../../src/identity/signed/answer.ts'
import { openContract, sealContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import type { Commit } from '../../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { type TestKeys, testKeys } from '../../support/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'
import { aLease, aQuestion, asking, committing, creating, revoking } from '../a-lease.ts'

const USE_MS = 10_000

let valkey: Valkey
/** Holds every right on the store, as an attacker who has its password. */
let attacker: RedisLink
let keys: TestKeys
let store: RedisLeaseStore
let approvals: RedisApprovalStore

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  attacker = await valkey.connected()
  keys = await testKeys()
  store = new RedisLeaseStore(attacker)
  approvals = new RedisApprovalStore(attacker)
})
afterAll(() => valkey.stop())

const anAuthorizer = () =>
  new RedisLeaseLedger(attacker, {
    verifyAnswer: answerVerifier({ keys: () => keys.verify, useMs: USE_MS, isApprover: name => name === 'grace' }),
  })

async function aLiveLease(given: Partial<Lease> = {}): Promise<Lease> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}`, ...given })
  await store.create(creating(lease, { contract: await sealContract(lease, keys.signing) }))
  return lease
}

const keyOf = (lease: Lease, rest: string) => `${partitionPrefix(partitionOf(lease.id))}${rest}`
const hack = (...command: [string, ...(string | number)[]]) => {
  const [name, ...args] = command
  return attacker.ask(name, redis => redis.call(name, ...args))
}

/** The broker's part in an answer, as the approver saw the question. */
async function approve(id: string, given: Partial<SignedAnswer> = {}): Promise<string> {
  const now = Date.now()
  const approval = await approvals.find(id, now)
  if (approval === null) throw new Error('nothing to approve')
  const { lease, agent, digest, questionSha256 } = approval
  const said = { verdict: 'approved', by: 'grace', at: now, endsAt: now + approval.useMs } as const
  const signed = { approval: id, lease, agent, digest, question: questionSha256, ...said, ...given }
  const proof = await sealAnswer(signed, keys.signing)
  await approvals.answer({
    id,
    by: 'grace',
    verdict: 'approved',
    why: '',
    proof,
    before: '',
    endsAt: signed.endsAt,
    now,
    event: '{}',
  })
  return proof
}

async function asked(ledger: RedisLeaseLedger, lease: Lease, digest = 'aa') {
  const id = newApprovalId(lease.id)
  const again = () => asking(lease, digest, newApprovalId(lease.id))
  expect(await ledger.commit(asking(lease, digest, id))).toEqual({ kind: 'pending', approval: id })
  return { id, again, key: keyOf(lease, `approval:${id}`) }
}

const entries = async (lease: Lease) =>
  (await attacker.ask('journal', redis => redis.xrange(keyOf(lease, 'journal'), '-', '+'))).map(([, fields]) => fields)

describe('whoever holds the keys of the store', () => {
  test('answers no approval: not without a signature, not with one of another key, and takes nothing from the budget', async () => {
    const ledger = anAuthorizer()
    const lease = await aLiveLease({ budgets: { deletes: 1 } })
    const { id, again, key } = await asked(ledger, lease)
    const ends = Date.now() + 60_000
    const stranger = await testKeys()
    const { digest, questionSha256: question } = (await approvals.find(id, Date.now())) ?? {}
    const self: SignedAnswer = {
      approval: id,
      lease: lease.id,
      agent: lease.agent,
      digest: digest ?? '',
      question: question ?? '',
      verdict: 'approved',
      by: 'grace',
      at: Date.now(),
      endsAt: ends,
    }
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'leasegate-answer+jwt' })).toString('base64url')
    const forged = [
      '',
      'yes',
      `${unsigned}.${Buffer.from(JSON.stringify(self)).toString('base64url')}.`,
      await sealAnswer(self, stranger.signing),
      await sealAnswer(self, { ...stranger.signing, kid: keys.signing.kid }),
      await sealContract(lease, keys.signing),
    ]
    for (const answer of forged) {
      await hack('HSET', key, 'state', 'approved', 'decidedBy', 'grace', 'endsAt', ends, 'answer', answer)
      const commit = again()
      const intent = { ...commit.intent, take: ['deletes'] } as Commit['intent']
      expect(await ledger.commit({ ...commit, intent })).toEqual({ kind: 'unproven', approval: id })
    }
    expect((await store.find(lease.id, Date.now()))?.taken).toEqual({ questions: 1 })
    expect((await entries(lease)).filter(fields => fields.join().includes('"decision":"allow"'))).toEqual([])
  })

  test.each<[string, Partial<SignedAnswer>]>([
    ['of another approval', { approval: newApprovalId(aLease().id) }],
    ['for another lease', { lease: aLease().id }],
    ['for another agent', { agent: 'somebody' }],
    ['to another request', { digest: 'bb' }],
    ['to another question', { question: sha256('what is for lunch?') }],
    ['that is over', { endsAt: Date.now() - 1 }],
    ['that was said too long ago', { at: Date.now() - USE_MS - 1 }],
    ['that was a no', { verdict: 'rejected' }],
    ['of somebody who is no approver any more', { by: 'mallory' }],
  ])('cannot use a signed answer %s', async (_, given) => {
    const ledger = anAuthorizer()
    const lease = await aLiveLease()
    const { id, again, key } = await asked(ledger, lease)
    const answer = await approve(id, given)
    await hack('HSET', key, 'state', 'approved', 'endsAt', Date.now() + 60_000, 'answer', answer)
    await hack('SET', keyOf(lease, `asked:${lease.id}:aa`), id)
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
  })

  test('shows an approver nothing else than what would run', async () => {
    const ledger = anAuthorizer()
    const lease = await aLiveLease()
    const { id, again, key } = await asked(ledger, lease)
    await hack('HSET', key, 'question', JSON.stringify({ ...aQuestion(lease), summary: 'get pods "harmless" in shop' }))
    expect((await approvals.find(id, Date.now()))?.question.summary).toContain('harmless')
    await approve(id)
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
  })

  test('moves no yes to another request, lease or agent', async () => {
    const ledger = anAuthorizer()
    const [mine, other] = [await aLiveLease(), await aLiveLease()]
    const { id, key } = await asked(ledger, mine, 'aa')
    const proof = await approve(id)
    for (const lease of [mine, other]) {
      const wanted = await asked(ledger, lease, 'cc')
      await hack('HSET', wanted.key, 'state', 'approved', 'answer', proof, 'endsAt', Date.now() + 60_000)
      expect(await ledger.commit(wanted.again())).toEqual({ kind: 'unproven', approval: wanted.id })
      await hack('SET', keyOf(lease, `asked:${lease.id}:cc`), id)
      const there = keyOf(lease, `approval:${id}`)
      if (there !== key) await hack('COPY', key, there)
      expect((await ledger.commit(wanted.again())).kind).not.toBe('allowed')
    }
  })

  test('uses no yes twice where it was used, and nowhere longer than it was signed for', async () => {
    const ledger = anAuthorizer()
    const lease = await aLiveLease()
    const { id, again, key } = await asked(ledger, lease)
    await approve(id)
    expect(await ledger.commit(again())).toEqual({ kind: 'allowed', approval: id })
    await hack('HSET', key, 'state', 'approved', 'endsAt', Date.now() + 60_000)
    await hack('SET', keyOf(lease, `asked:${lease.id}:aa`), id)
    expect(await ledger.commit(again())).toEqual({ kind: 'unproven', approval: id })
    const later = { ...again(), now: Date.now() + USE_MS + 1000 }
    expect(await anAuthorizer().commit(later)).toEqual({ kind: 'unproven', approval: id })
  })

  test('brings no lease back whose end an authorizer has seen, not even with all of its keys', async () => {
    const [told, asking] = [anAuthorizer(), anAuthorizer()]
    const stop = new AbortController()
    const heard: string[] = []
    const following = told.followEnds(news => news.kind === 'lease' && heard.push(news.lease), stop.signal)
    const root = await aLiveLease()
    const child = await aLiveLease({ agent: root.agent, ancestors: [root.id] })
    const saved = await attacker.ask('dump', redis => redis.dumpBuffer(keyOf(root, `lease:${root.id}`)))
    await store.revoke(revoking(root))
    await until('the end to be heard', () => heard.includes(root.id))
    expect(await asking.commit(committing(root))).toMatchObject({ kind: 'ended' })
    const live = { kind: 'ended', state: { kind: 'revoked' } }

    // Either of its two marks is enough.
    await hack('DEL', keyOf(root, `end:${root.id}`))
    expect(await anAuthorizer().commit(committing(root))).toMatchObject(live)
    await attacker.ask('restore', redis =>
      redis.restore(keyOf(root, `lease:${root.id}`), 0, saved as unknown as string, 'REPLACE'),
    )
    for (const ledger of [told, asking]) {
      expect(await ledger.commit(committing(root))).toMatchObject(live)
      expect(await ledger.states([root.id], Date.now())).toMatchObject([{ kind: 'revoked' }])
    }
    expect(await told.commit(committing(child))).toMatchObject(live)
    const [last] = (await entries(root)).slice(-1)
    expect(last?.join()).toContain('lease-revoked')
    stop.abort()
    await following
  })

  test('lifts no budget over what was signed, of the lease or of one above it', async () => {
    const ledger = anAuthorizer()
    const root = await aLiveLease({ budgets: { requests: 2 } })
    const child = await aLiveLease({ agent: root.agent, ancestors: [root.id], budgets: { requests: 5 } })
    for (const { id } of [root, child]) {
      const key = keyOf(root, `lease:${id}`)
      await hack('HSET', key, 'limit:requests', 1_000_000, 'ancestors', '')
    }
    const commit = () => ledger.commit(committing(child, { intent: { kind: 'allow', take: ['requests'] } }))
    for (const kind of ['allowed', 'allowed', 'budget-spent']) expect((await commit()).kind).toBe(kind)
    // What is left to them is the count, and of that only a number counts.
    await hack('HSET', keyOf(root, `taken:${root.id}`), 'requests', 'none')
    expect((await commit()).kind).toBe('budget-spent')
    await hack('DEL', keyOf(root, `taken:${root.id}`))
    expect((await commit()).kind).toBe('allowed')
  })

  test('changes no contract, swaps none, and makes none last longer', async () => {
    const ledger = anAuthorizer()
    const find = leaseCache(async id => openContract((await ledger.contract(id)) ?? '', keys.verify), 100)
    const lease = await aLiveLease({ expiresAt: Date.now() + 2000 })
    const wide = await aLiveLease({ expiresAt: Date.now() + 3_600_000 })
    const contract = (await ledger.contract(wide.id)) ?? ''
    await hack('HSET', keyOf(lease, `lease:${lease.id}`), 'contract', contract, 'expiresAt', Date.now() + 3_600_000)
    expect(await find(lease.id)).toBeNull()
    const [head, , mac] = contract.split('.')
    const wider = Buffer.from(JSON.stringify({ ...lease, expiresAt: wide.expiresAt })).toString('base64url')
    await hack('HSET', keyOf(lease, `lease:${lease.id}`), 'contract', `${head}.${wider}.${mac}`)
    expect(await find(lease.id)).toBeNull()
    const late = committing(lease, { now: lease.expiresAt })
    expect(await ledger.commit(late)).toEqual({ kind: 'ended', state: { kind: 'expired' } })
    const unknown = aLease()
    await hack('COPY', keyOf(wide, `lease:${wide.id}`), keyOf(unknown, `lease:${unknown.id}`))
    expect(await find(unknown.id)).toBeNull()
  })

  test('gets an allow out of no key of another type, and out of none that is gone', async () => {
    const ledger = anAuthorizer()
    const outcomes: string[] = []
    const names = ['lease:ID', 'taken:ID', 'end:ID', 'journal', 'journal:bytes', 'asked:ID:aa', 'waits:ID', 'open']
    for (const name of names) {
      const lease = await aLiveLease({ budgets: { requests: 1 } })
      const key = keyOf(lease, name.replace('ID', lease.id))
      const take = { kind: 'allow', take: ['requests'] } as const
      await ledger.commit(committing(lease, { intent: take }))
      await attacker.ask('rename', redis => redis.rename(key, `${key}:saved`)).catch(() => undefined)
      await hack('GEOADD', key, 13, 38, 'Palermo')
      for (const commit of [committing(lease, { intent: take }), asking(lease, 'aa', newApprovalId(lease.id))]) {
        outcomes.push(
          await ledger.commit(commit).then(
            ({ kind }) => kind,
            () => 'denied by an error',
          ),
        )
      }
      await hack('DEL', key)
      await attacker.ask('rename', redis => redis.rename(`${key}:saved`, key)).catch(() => undefined)
    }
    expect(outcomes).not.toContain('allowed')
  })
})
