import { describe, expect, test } from 'vitest'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Commit } from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import type { Stores } from '../../support/stores/memory-stores.ts'
import { aLease, answering, asking, creating, revoking } from '../a-lease.ts'

/** A question about the same, of which parts differ. */
function movedTo(commit: Commit, parts: object): Commit {
  if (commit.intent.kind !== 'approval') return commit
  const { intent } = commit
  return { ...commit, intent: { ...intent, about: 'aa', parts: { ...intent.parts, line: 'aa', ...parts } } }
}

const all = (agent: string | null) => ({ agent, after: '', limit: 10_000 })

/** A no is to all leases of an agent, and its questions are counted. */
export const anAgent = () => `agent-${crypto.randomUUID()}`

/** Stores with a lease in them, and the id of a question under it. */
export async function opened(stores: () => Stores) {
  const lease = aLease({ agent: anAgent() })
  await stores().store.create(creating(lease))
  return { ...stores(), lease, id: newApprovalId(lease.id) }
}

/** What every store of approvals does. */
export function approvalsContract(name: string, stores: () => Stores): void {
  describe(`${name}: approvals`, () => {
    const open = () => opened(stores)

    test('a question stays the same while it is open', async () => {
      const { ledger, approvals, lease, id } = await open()
      expect(await ledger.commit(asking(lease, 'aa', id))).toEqual({ kind: 'pending', approval: id })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))).toEqual({
        kind: 'pending',
        approval: id,
      })
      const found = await approvals.find(id, Date.now())
      expect(found).toMatchObject({ id, lease: lease.id, agent: lease.agent, digest: 'aa', state: 'pending' })
      expect((await approvals.pending(all(null), Date.now())).items).toContainEqual(found)
      expect((await approvals.pending(all(lease.agent), Date.now())).items).toContainEqual(found)
    })

    test('a yes lets exactly one request through', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      expect(await approvals.answer(answering(id, 'approved'))).toMatchObject({
        kind: 'answered',
        approval: { state: 'approved', decidedBy: 'grace@example.org' },
      })
      const again = Array.from({ length: 20 }, () => asking(lease, 'aa', newApprovalId(lease.id)))
      const results = await Promise.all(again.map(commit => ledger.commit(commit)))
      expect(results.filter(({ kind }) => kind === 'allowed')).toEqual([{ kind: 'allowed', approval: id }])
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'used' })
    })

    test('a yes is not used while nobody watches who has to, and then once', async () => {
      const { ledger, approvals, lease, id } = await open()
      const unwatched = (commit: Commit): Commit =>
        commit.intent.kind === 'approval' ? { ...commit, intent: { ...commit.intent, unwatched: true } } : commit
      const next = () => asking(lease, 'aa', newApprovalId(lease.id))
      expect(await ledger.commit(unwatched(asking(lease, 'aa', id)))).toEqual({ kind: 'pending', approval: id })
      await approvals.answer(answering(id, 'approved'))
      const first = unwatched(next())
      for (const commit of [first, first, unwatched(next())]) {
        expect(await ledger.commit(commit)).toEqual({ kind: 'unwatched', approval: id })
      }
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'approved' })
      expect(await ledger.commit(next())).toEqual({ kind: 'allowed', approval: id })
      expect(await ledger.commit(next())).toMatchObject({ kind: 'pending' })
    })

    test('a yes that is not the last leaves the question open, and none gets lost', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      const first = { ...answering(id, 'approved'), verdict: 'pending', proof: 'one' } as const
      expect(await approvals.answer(first)).toMatchObject({
        kind: 'answered',
        approval: { state: 'pending', signed: 'one' },
      })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))).toEqual({
        kind: 'pending',
        approval: id,
        said: 1,
      })
      expect((await approvals.pending(all(lease.agent), Date.now())).items).toMatchObject([{ id, signed: 'one' }])
      const last = answering(id, 'approved')
      for (const before of ['', 'another']) {
        expect(await approvals.answer({ ...last, before })).toEqual({ kind: 'moved' })
        expect(await approvals.answer({ ...first, proof: 'two', before })).toEqual({ kind: 'moved' })
      }
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'pending', signed: 'one' })
      expect(await approvals.answer({ ...last, before: 'one' })).toMatchObject({ approval: { state: 'approved' } })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))).toEqual({
        kind: 'allowed',
        approval: id,
      })
    })

    test('a no needs to know nothing of the yeses before it', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer({ ...answering(id, 'approved'), verdict: 'pending', proof: 'one' })
      expect(await approvals.answer(answering(id, 'rejected'))).toMatchObject({ approval: { state: 'rejected' } })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))).toMatchObject({ kind: 'rejected' })
    })

    test('a yes is for no other request, and for no other lease', async () => {
      const { ledger, store, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'approved'))
      const other = aLease({ agent: anAgent() })
      await store.create(creating(other))
      expect(await ledger.commit(asking(lease, 'bb', newApprovalId(lease.id)))).toMatchObject({ kind: 'pending' })
      expect(await ledger.commit(asking(other, 'aa', newApprovalId(other.id)))).toMatchObject({ kind: 'pending' })
    })

    test.each([
      { name: 'the policy', moved: { policy: 'q' }, why: ['policy'] },
      { name: 'body and path', moved: { body: 'c', line: 'other' }, why: ['line', 'body'] },
    ])('the next question says why a yes does not hold: $name moved', async ({ moved, why }) => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'approved'))
      const next = newApprovalId(lease.id)
      const asked = movedTo(asking(lease, 'bb', next), moved)
      const want = { kind: 'pending', approval: next, again: { before: id, why } }
      expect(await ledger.commit(asked)).toEqual(want)
      expect(await ledger.commit({ ...asked, id: `${asked.id}-2` })).toEqual(want)
      expect(await approvals.find(next, Date.now())).toMatchObject({ again: { before: id, why } })
    })

    test('the next question says that a yes was used, or is over', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = (one: string, now = Date.now()) => ledger.commit(asking(lease, 'aa', one, { now }))
      await ask(id)
      await approvals.answer(answering(id, 'approved'))
      expect((await ask(id)).kind).toBe('allowed')
      const [second, third] = [newApprovalId(lease.id), newApprovalId(lease.id)]
      expect(await ask(second)).toMatchObject({ approval: second, again: { before: id, why: ['used'] } })
      await approvals.answer(answering(second, 'approved'))
      expect(await ask(third, Date.now() + 11_000)).toMatchObject({ again: { before: second, why: ['expired'] } })
    })

    test('says nothing of questions that nobody answered, unless policy or lease moved, and of used ones about something else', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = (digest: string, one: string, moved: object) =>
        ledger.commit(movedTo(asking(lease, digest, one), moved))
      await ask('aa', id, {})
      const other = newApprovalId(lease.id)
      expect(await ask('bb', other, { line: 'other' })).toEqual({ kind: 'pending', approval: other })
      expect(await ask('cc', newApprovalId(lease.id), { line: 'other', policy: 'q' })).toMatchObject({
        again: { before: other, why: ['policy'] },
      })
      const used = newApprovalId(lease.id)
      await ask('dd', used, { policy: 'q', line: 'fourth' })
      await approvals.answer(answering(used, 'approved'))
      expect((await ask('dd', used, { policy: 'q', line: 'fourth' })).kind).toBe('allowed')
      const last = newApprovalId(lease.id)
      expect(await ask('ee', last, { policy: 'q', line: 'fifth' })).toEqual({ kind: 'pending', approval: last })
    })

    test('a yes can be taken back until it is used, and the agent reads why', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'approved'))
      const no = { ...answering(id, 'rejected'), why: 'wrong cluster' }
      expect(await approvals.answer(no)).toMatchObject({ approval: { state: 'rejected', why: 'wrong cluster' } })
      const next = asking(lease, 'aa', newApprovalId(lease.id))
      expect(await ledger.commit(next)).toEqual({ kind: 'rejected', approval: id, why: 'wrong cluster' })
      expect(await approvals.answer(answering(id, 'approved'))).toEqual({ kind: 'closed', state: 'rejected' })
    })

    test.each(['pending', 'approved'] as const)(
      'what is %s can be taken back by the agent that asked: nobody answers it any more, and it may ask again',
      async state => {
        const { ledger, approvals, lease, id } = await open()
        await ledger.commit(asking(lease, 'aa', id))
        if (state === 'approved') await approvals.answer(answering(id, 'approved'))
        const now = Date.now()
        const back = { id, agent: lease.agent, why: 'not needed', now, event: '{"kind":"approval"}', members: [] }
        expect(await approvals.withdraw({ ...back, agent: 'another' })).toEqual({ kind: 'unknown' })
        expect(await approvals.find(id, now)).toMatchObject({ state })
        expect(await approvals.withdraw(back)).toMatchObject({
          kind: 'answered',
          approval: { state: 'withdrawn', decidedBy: lease.agent, why: 'not needed', signed: '' },
        })
        expect(await approvals.withdraw(back)).toEqual({ kind: 'closed', state: 'withdrawn' })
        for (const verdict of ['approved', 'rejected'] as const)
          expect(await approvals.answer(answering(id, verdict))).toEqual({ kind: 'closed', state: 'withdrawn' })
        expect((await approvals.pending({ agent: null, after: '', limit: 1000 }, now)).items).not.toContainEqual(
          expect.objectContaining({ id }),
        )
        const next = newApprovalId(lease.id)
        expect(await ledger.commit(asking(lease, 'aa', next))).toEqual({ kind: 'pending', approval: next })
      },
    )

    test('what is taken back keeps its place among those that a lease may have open', async () => {
      const { ledger, approvals, lease } = await open()
      const ask = (at: number) => ledger.commit(asking(lease, `q${at}`, newApprovalId(lease.id)))
      for (let at = 0; at < LIMITS.questionsOfLease; at++) {
        const asked = await ask(at)
        if (asked.kind !== 'pending') throw new Error(`asked, and got ${asked.kind}`)
        const back = { id: asked.approval, agent: lease.agent, why: '', now: Date.now(), event: '{}', members: [] }
        expect((await approvals.withdraw(back)).kind).toBe('answered')
      }
      expect(await ask(99)).toEqual({ kind: 'too-many-questions', limit: 'lease' })
    })

    test('a yes that was used cannot be taken back', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'approved'))
      await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))
      expect(await approvals.answer(answering(id, 'rejected'))).toEqual({ kind: 'closed', state: 'used' })
    })

    test('a no holds until the question would have ended', async () => {
      const { ledger, approvals, lease, id } = await open()
      const asked = asking(lease, 'aa', id)
      await ledger.commit(asked)
      await approvals.answer(answering(id, 'rejected'))
      const next = newApprovalId(lease.id)
      expect(await ledger.commit(asking(lease, 'aa', next))).toEqual({ kind: 'rejected', approval: id, why: '' })
      const later = asking(lease, 'aa', next, { now: asked.now + 31_000 })
      expect(await ledger.commit(later)).toEqual({ kind: 'pending', approval: next })
    })

    test('a no is to what was asked: written in another way, and under every lease of the agent', async () => {
      const { ledger, store, approvals, lease, id } = await open()
      const next = aLease({ agent: lease.agent })
      const stranger = aLease({ agent: anAgent() })
      for (const one of [next, stranger]) await store.create(creating(one))
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'rejected'))
      const again = (of: typeof lease, digest: string, subject: string) => {
        const asked = asking(of, digest, newApprovalId(of.id))
        return ledger.commit({ ...asked, intent: { ...asked.intent, subject } as typeof asked.intent })
      }
      for (const of of [lease, next])
        expect(await again(of, 'a-a', 'aa')).toEqual({ kind: 'rejected', approval: id, why: '' })
      expect(await again(lease, 'bb', 'bb')).toMatchObject({ kind: 'pending' })
      expect(await again(stranger, 'aa', 'aa')).toMatchObject({ kind: 'pending' })
    })

    test('a no is not walked around: two others about the same may be asked, and say so, until it is over', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = (digest: string, given: { readonly about?: string; readonly now?: number } = {}) => {
        const asked = asking(lease, digest, newApprovalId(lease.id), given.now === undefined ? {} : { now: given.now })
        const { about = 'same' } = given
        return ledger.commit({ ...asked, intent: { ...asked.intent, about } as typeof asked.intent })
      }
      const refuse = async (committed: Awaited<ReturnType<typeof ask>>) => {
        if (committed.kind !== 'pending') throw new Error(`it is ${committed.kind}`)
        await approvals.answer(answering(committed.approval, 'rejected'))
        return committed.approval
      }
      const first = await refuse(await ask('aa'))
      const second = await ask('bb')
      expect(second).toMatchObject({ kind: 'pending', again: { before: first, why: ['refused'] } })
      const last = await refuse(second)
      expect(await approvals.find(last, Date.now())).toMatchObject({ again: { before: first, why: ['refused'] } })
      const third = await refuse(await ask('cc'))
      expect(await ask('dd')).toEqual({ kind: 'rejected', approval: third, why: '' })
      expect(await ask('ee')).toMatchObject({ kind: 'rejected' })
      expect(await ask('ff', { about: 'another' })).toMatchObject({ kind: 'pending' })
      expect(await ask('gg', { now: Date.now() + 31_000 })).toMatchObject({ kind: 'pending' })
      expect(id).not.toBe(first)
    })

    test('nor by questions that nobody answered, or that were taken back, between others', async () => {
      const { ledger, approvals, lease } = await open()
      const ask = async (digest: string) => {
        const asked = asking(lease, digest, newApprovalId(lease.id))
        return ledger.commit({ ...asked, intent: { ...asked.intent, about: 'same' } as typeof asked.intent })
      }
      const no = await ask('aa')
      if (no.kind !== 'pending') throw new Error(`it is ${no.kind}`)
      await approvals.answer(answering(no.approval, 'rejected'))
      expect([(await ask('bb')).kind, (await ask('cc')).kind]).toEqual(['pending', 'pending'])
      expect(await ask('dd')).toMatchObject({ kind: 'rejected', approval: no.approval })
    })

    test('a yes that the broker did not sign lets nothing through', async () => {
      const { ledger, approvals, lease, id } = await open()
      const asked = asking(lease, 'aa', id)
      await ledger.commit(asked)
      await approvals.answer({ ...answering(id, 'approved'), proof: 'yes' })
      const again = asking(lease, 'aa', newApprovalId(lease.id))
      expect(await ledger.commit(again).catch(() => null)).not.toMatchObject({ kind: 'allowed' })
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'approved' })
    })

    test('no more questions of a lease wait than there may, and the same one waits once', async () => {
      const { ledger, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      for (let i = 1; i < LIMITS.questionsOfLease; i++) {
        const asked = asking(lease, `${i}`, newApprovalId(lease.id))
        expect((await ledger.commit(asked)).kind).toBe('pending')
      }
      const more = asking(lease, 'one more', newApprovalId(lease.id))
      expect(await ledger.commit(more)).toEqual({ kind: 'too-many-questions', limit: 'lease' })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id)))).toEqual({
        kind: 'pending',
        approval: id,
      })
    })

    test('a yes ends by itself', async () => {
      const { ledger, approvals, lease, id } = await open()
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'approved'))
      const late = Date.now() + 11_000
      expect(await approvals.find(id, late)).toMatchObject({ state: 'expired' })
      expect(await ledger.commit(asking(lease, 'aa', newApprovalId(lease.id), { now: late }))).toMatchObject({
        kind: 'pending',
      })
    })

    test('a yes does not outlive the lease it was given for', async () => {
      const { ledger, store, approvals } = stores()
      const lease = aLease({ agent: anAgent(), expiresAt: Date.now() + 5000 })
      await store.create(creating(lease))
      const id = newApprovalId(lease.id)
      await ledger.commit(asking(lease, 'aa', id))
      const answered = await approvals.answer(answering(id, 'approved'))
      expect(answered).toMatchObject({ kind: 'answered', approval: { endsAt: lease.expiresAt } })
    })

    test('only the first answer counts, and none to a question that is over', async () => {
      const { ledger, store, approvals, lease, id } = await open()
      expect(await approvals.answer(answering(id, 'approved'))).toEqual({ kind: 'unknown' })
      await ledger.commit(asking(lease, 'aa', id))
      await approvals.answer(answering(id, 'rejected'))
      expect(await approvals.answer(answering(id, 'approved'))).toEqual({ kind: 'closed', state: 'rejected' })
      const second = newApprovalId(lease.id)
      await ledger.commit(asking(lease, 'bb', second))
      expect(await approvals.answer(answering(second, 'approved', Date.now() + 31_000))).toEqual({
        kind: 'closed',
        state: 'expired',
      })
      await store.revoke(revoking(lease))
      expect(await approvals.answer(answering(second, 'approved'))).toEqual({ kind: 'closed', state: 'expired' })
      expect(await approvals.find(second, Date.now())).toMatchObject({ state: 'expired' })
    })

    test('a spent budget is said before anybody is asked', async () => {
      const { ledger, store, approvals } = stores()
      const lease = aLease({ agent: anAgent(), budgets: { deletes: 0 } })
      await store.create(creating(lease))
      const id = newApprovalId(lease.id)
      const asked = asking(lease, 'aa', id)
      const intent = { ...asked.intent, take: ['deletes'] } as typeof asked.intent
      expect(await ledger.commit({ ...asked, intent })).toEqual({ kind: 'budget-spent', budget: 'deletes' })
      expect(await approvals.find(id, Date.now())).toBeNull()
    })
  })
}
