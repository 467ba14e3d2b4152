import { describe, expect, test } from 'vitest'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Commit, LeaseEnd } from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { SLICE_SECONDS } from '../../../src/lease/stream/session-seconds.ts'
import type { Stores } from '../../support/stores/memory-stores.ts'
import { until } from '../../support/until.ts'
import { aLease, answering, asking, committing, creating, revoking } from '../a-lease.ts'
import { approvalsContract } from './approvals-contract.ts'
import { seriesContract } from './series-contract.ts'

const all = (agent: string | null) => ({ agent, after: '', limit: 10_000 })

/** What every store of leases and approvals does. */
export function storesContract(name: string, stores: () => Stores): void {
  describe(`${name}: leases`, () => {
    test('a lease that nobody created is unknown and allows nothing', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      expect(await ledger.commit(committing(lease))).toEqual({ kind: 'ended', state: { kind: 'unknown' } })
      expect(await ledger.contract(lease.id)).toBeNull()
      expect(await store.find(lease.id, Date.now())).toBeNull()
      expect(await ledger.states([lease.id], Date.now())).toEqual([{ kind: 'unknown' }])
      expect(await store.revoke(revoking(lease))).toBe(false)
    })

    test('a live lease allows, and its contract comes back as it was written', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      expect(await store.create(creating(lease))).toEqual({ kind: 'created' })
      expect(await ledger.contract(lease.id)).toBe(`contract of ${lease.id}`)
      expect(await ledger.commit(committing(lease))).toEqual({ kind: 'allowed', approval: null })
    })

    test('a denial stays a denial', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      await store.create(creating(lease))
      expect(await ledger.commit(committing(lease, { intent: { kind: 'deny' } }))).toEqual({ kind: 'denied' })
    })

    test('a lease has ended at its end, not a millisecond later', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      await store.create(creating(lease))
      const before = committing(lease, { now: lease.expiresAt - 1 })
      const at = committing(lease, { now: lease.expiresAt })
      expect(await ledger.commit(before)).toEqual({ kind: 'allowed', approval: null })
      expect(await ledger.commit(at)).toEqual({ kind: 'ended', state: { kind: 'expired' } })
      expect(await ledger.states([lease.id], lease.expiresAt)).toEqual([{ kind: 'expired' }])
    })

    test('the earlier of the stored and the signed end counts', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      await store.create(creating(lease))
      const signed = { ...lease, expiresAt: lease.issuedAt + 1000 }
      const late = committing(signed, { now: lease.issuedAt + 2000 })
      expect(await ledger.commit(late)).toEqual({ kind: 'ended', state: { kind: 'expired' } })
    })

    test('a revoked lease allows nothing, says who ended it and why, and is revoked only once', async () => {
      const { ledger, store } = stores()
      const lease = aLease()
      await store.create(creating(lease))
      const revocation = revoking(lease)
      expect(await store.revoke(revocation)).toBe(true)
      const { by, reason, now: at } = revocation
      const state = { kind: 'revoked', by, reason, at } as const
      expect(await ledger.commit(committing(lease))).toEqual({ kind: 'ended', state })
      expect(await ledger.states([lease.id], Date.now())).toEqual([state])
      expect(await store.find(lease.id, Date.now())).toMatchObject({ state })
      expect(await store.revoke(revoking(lease))).toBe(false)
    })

    test('a child ends with any lease above it', async () => {
      const { ledger, store } = stores()
      const root = aLease()
      const child = aLease({ ancestors: [root.id] })
      const grandchild = aLease({ ancestors: [root.id, child.id] })
      for (const lease of [root, child, grandchild]) await store.create(creating(lease))
      expect(await ledger.commit(committing(grandchild))).toEqual({ kind: 'allowed', approval: null })
      await store.revoke(revoking(root))
      expect(await ledger.commit(committing(grandchild))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
      expect(await ledger.states([grandchild.id, child.id], Date.now())).toMatchObject([
        { kind: 'revoked' },
        { kind: 'revoked' },
      ])
    })

    test('states come in the order asked, however many, and nothing that is no lease of ours is live', async () => {
      const { ledger, store } = stores()
      const live = aLease()
      await store.create(creating(live))
      const strangers = Array.from({ length: 1300 }, () => aLease({ agent: crypto.randomUUID() }).id)
      const states = await ledger.states(['', ...strangers, live.id, 'lse_x'], Date.now())
      expect(states.map(({ kind }) => kind)).toEqual([...Array(1301).fill('unknown'), 'active', 'unknown'])
    })

    test('everybody who follows hears of every early end', async () => {
      const { ledger, store } = stores()
      const root = aLease()
      const child = aLease({ ancestors: [root.id] })
      for (const lease of [root, child]) await store.create(creating(lease))
      const heard: LeaseEnd[] = []
      const stop = new AbortController()
      const following = ledger.followEnds(news => news.kind === 'lease' && heard.push(news), stop.signal)
      const tried: string[] = []
      await until('a first end to be heard', async () => {
        const other = aLease()
        await store.create(creating(other))
        await store.revoke(revoking(other))
        tried.push(other.id)
        return heard.length > 0
      })
      await store.revoke(revoking(root))
      await until('the end of the root', () => heard.some(({ lease }) => lease === root.id))
      expect(heard.find(({ lease }) => lease === root.id)?.until).toBe(root.expiresAt)
      stop.abort()
      await following
    })
  })

  describe(`${name}: limits`, () => {
    test('an agent holds at most so many live leases of a template', async () => {
      const { store } = stores()
      const agent = `agent-${crypto.randomUUID()}`
      const [first, second, third] = [aLease({ agent }), aLease({ agent }), aLease({ agent })]
      await store.create(creating(first, { limit: 2 }))
      await store.create(creating(second, { limit: 2 }))
      const full = await store.create(creating(third, { limit: 2 }))
      expect(full.kind === 'too-many' && full.held.toSorted()).toEqual([first.id, second.id].toSorted())
      expect(await store.create(creating(aLease({ agent, template: 'other' }), { limit: 1 }))).toEqual({
        kind: 'created',
      })
      await store.revoke(revoking(first))
      expect(await store.create(creating(third, { limit: 2 }))).toEqual({ kind: 'created' })
    })

    test('the same lease written twice counts once', async () => {
      const { store } = stores()
      const lease = aLease({ agent: `agent-${crypto.randomUUID()}` })
      expect(await store.create(creating(lease, { limit: 1 }))).toEqual({ kind: 'created' })
      expect(await store.create(creating(lease, { limit: 1 }))).toEqual({ kind: 'created' })
    })

    test('no more leases are made from one than there may, nor deeper ones', async () => {
      const { store } = stores()
      const root = aLease({ agent: `agent-${crypto.randomUUID()}` })
      await store.create(creating(root))
      let ancestors = [root.id]
      for (let level = 1; level <= LIMITS.levels; level++) {
        const child = aLease({ agent: root.agent, ancestors })
        expect(await store.create(creating(child))).toEqual({ kind: 'created' })
        ancestors = [...ancestors, child.id]
      }
      const deeper = aLease({ agent: root.agent, ancestors })
      expect(await store.create(creating(deeper))).toEqual({ kind: 'limit', limit: 'levels' })
      for (let i = LIMITS.levels; i < LIMITS.children; i++) {
        const child = aLease({ agent: root.agent, ancestors: [root.id] })
        expect(await store.create(creating(child))).toEqual({ kind: 'created' })
      }
      const more = aLease({ agent: root.agent, ancestors: [root.id] })
      expect(await store.create(creating(more))).toEqual({ kind: 'limit', limit: 'children' })
    })

    test('a list comes in pages', async () => {
      const { store } = stores()
      const agent = `agent-${crypto.randomUUID()}`
      const mine = [aLease({ agent }), aLease({ agent }), aLease({ agent })]
      for (const lease of mine) await store.create(creating(lease))
      const [first, second, third] = mine.map(({ id }) => id)
      const page = async (after: string, limit: number) => {
        const { items, next } = await store.list({ agent, after, limit }, Date.now())
        return { ids: items.map(({ contract }) => contract.slice('contract of '.length)), next }
      }
      expect(await page('', 2)).toEqual({ ids: [first, second], next: second })
      expect(await page(second ?? '', 2)).toEqual({ ids: [third], next: null })
      expect(await page('', 3)).toEqual({ ids: [first, second, third], next: null })
    })

    test('list names live leases, oldest first, of one agent when asked', async () => {
      const { store } = stores()
      const agent = `agent-${crypto.randomUUID()}`
      const mine = [aLease({ agent }), aLease({ agent }), aLease({ agent })]
      const other = aLease()
      for (const lease of [...mine.toReversed(), other]) await store.create(creating(lease))
      const contracts = mine.map(({ id }) => `contract of ${id}`)
      expect((await store.list(all(agent), Date.now())).items.map(({ contract }) => contract)).toEqual(contracts)
      const everybody = (await store.list(all(null), Date.now())).items.map(({ contract }) => contract)
      expect(everybody).toEqual(expect.arrayContaining([...contracts, `contract of ${other.id}`]))
      expect(await store.list(all(agent), Date.now() + 60_001)).toEqual({ items: [], next: null })
    })

    test('what was handed to another agent is listed for both, wherever else their leases are, until it ends', async () => {
      const { store } = stores()
      const [giver, receiver] = [crypto.randomUUID(), crypto.randomUUID()]
      const root = aLease({ agent: giver })
      const delegated = { by: giver, issuer: 'corp' }
      const handed = aLease({ agent: receiver, ancestors: [root.id], delegated })
      const own = aLease({ agent: receiver })
      await store.create(creating(root))
      await store.create(creating(handed, { mostHanded: 1 }))
      await store.create(creating(own))
      const listed = async (agent: string) =>
        (await store.list(all(agent), Date.now())).items.map(({ contract }) => contract.slice('contract of '.length))
      expect(await listed(giver)).toEqual([root.id, handed.id])
      expect(await listed(receiver)).toEqual([handed.id, own.id])
      await store.revoke(revoking(handed))
      expect([await listed(giver), await listed(receiver)]).toEqual([[root.id], [own.id]])
    })
  })

  describe(`${name}: commits`, () => {
    test('the same request id changes nothing again and brings the first result', async () => {
      const { ledger, store } = stores()
      const lease = aLease({ budgets: { requests: 5 } })
      await store.create(creating(lease))
      const commit = committing(lease, { intent: { kind: 'allow', take: ['requests'] } })
      const results = await Promise.all([ledger.commit(commit), ledger.commit(commit), ledger.commit(commit)])
      expect(results).toEqual(Array(3).fill({ kind: 'allowed', approval: null }))
      expect(await store.find(lease.id, Date.now())).toMatchObject({ taken: { requests: 1 } })
    })

    test('a budget lets exactly as many through, whoever asks', async () => {
      const { ledger, store } = stores()
      const lease = aLease({ budgets: { requests: 10, deletes: 3 } })
      await store.create(creating(lease))
      const take = ['requests', 'deletes'] as const
      const commits = Array.from({ length: 8 }, () => committing(lease, { intent: { kind: 'allow', take } }))
      const kinds = (await Promise.all(commits.map(commit => ledger.commit(commit)))).map(({ kind }) => kind)
      expect(kinds.filter(kind => kind === 'allowed')).toHaveLength(3)
      expect(kinds.filter(kind => kind === 'budget-spent')).toHaveLength(5)
      expect(await store.find(lease.id, Date.now())).toMatchObject({ taken: { requests: 3, deletes: 3 } })
    })

    test('a session takes seconds for its beginning: a slice, then what every lease has left, then it is refused', async () => {
      const { ledger, store } = stores()
      const root = aLease({ budgets: { execSeconds: SLICE_SECONDS + 50 } })
      const child = aLease({ ancestors: [root.id], budgets: { execSeconds: SLICE_SECONDS + 4 } })
      for (const lease of [root, child]) await store.create(creating(lease))
      const begin = () =>
        ledger.commit(committing(child, { intent: { kind: 'allow', take: ['requests', 'execSeconds'] } }))
      expect(await begin()).toEqual({ kind: 'allowed', approval: null, seconds: SLICE_SECONDS })
      const nearly = { budget: 'execSeconds', count: 0 }
      expect(await begin()).toEqual({ kind: 'allowed', approval: null, seconds: 4, nearly })
      expect(await begin()).toEqual({ kind: 'budget-spent', budget: 'execSeconds' })
      const taken = { requests: 2, execSeconds: SLICE_SECONDS + 4 }
      for (const { id } of [root, child]) expect((await store.find(id, Date.now()))?.taken).toEqual(taken)
    })

    test('beyond a budget that asks a yes is for one request, which counts; of another budget it is denied', async () => {
      const { ledger, store, approvals } = stores()
      const lease = aLease({ budgets: { deletes: 1, requests: 3 } })
      await store.create(creating(lease))
      const take = ['requests', 'deletes'] as const
      const askBeyond = ['deletes'] as const
      const allow = () => ledger.commit(committing(lease, { intent: { kind: 'allow', take, askBeyond } }))
      const ask = (given: object = { beyond: askBeyond }) => {
        const asked = asking(lease, 'd'.repeat(64), newApprovalId(lease.id))
        return ledger.commit({ ...asked, intent: { ...asked.intent, take, askBeyond, ...given } as Commit['intent'] })
      }
      expect(await allow()).toMatchObject({ kind: 'allowed' })
      const beyond = { kind: 'beyond', budgets: ['deletes'] }
      expect(await allow()).toEqual(beyond)
      expect(await ask({})).toEqual(beyond)
      const waits = await ask()
      if (waits.kind !== 'pending') throw new Error(waits.kind)
      await approvals.answer(answering(waits.approval, 'approved'))
      expect(await allow()).toEqual(beyond)
      const both = await Promise.all([ask(), ask()])
      expect(both.map(({ kind }) => kind).toSorted()).toEqual(['allowed', 'pending'])
      expect((await store.find(lease.id, Date.now()))?.taken).toMatchObject({ requests: 2, deletes: 2 })
      // Nothing of it was settled: the very same request may be asked about.
      const one = committing(lease, { intent: { kind: 'allow', take, askBeyond } })
      expect(await ledger.commit(one)).toEqual(beyond)
      expect(await ledger.commit(one)).toEqual(beyond)
      expect(await ledger.commit(committing(lease, { intent: { kind: 'allow', take: ['requests'] } }))).toMatchObject({
        kind: 'allowed',
      })
      expect(await ask()).toEqual({ kind: 'budget-spent', budget: 'requests' })
    })

    test('what was taken is told, and what was changed, and nothing is taken by that', async () => {
      const { ledger, store } = stores()
      const lease = aLease({ budgets: { requests: 9, objects: 3 } })
      await store.create(creating(lease))
      expect(await ledger.taken([lease.id])).toEqual([{ counts: {}, objects: new Set() }])
      for (const object of ['a', 'b', 'a'])
        await ledger.commit(committing(lease, { intent: { kind: 'allow', take: ['requests', 'objects'], object } }))
      const told = { counts: { requests: 3, objects: 2 }, objects: new Set(['a', 'b']) }
      expect(await ledger.taken([lease.id])).toEqual([told])
      expect(await ledger.taken([lease.id, lease.id])).toEqual([told, told])
    })

    test("a child's requests count against the budgets above it", async () => {
      const { ledger, store } = stores()
      const root = aLease({ budgets: { requests: 1 } })
      const child = aLease({ ancestors: [root.id] })
      for (const lease of [root, child]) await store.create(creating(lease))
      const intent = { kind: 'allow', take: ['requests'] } as const
      const nearly = { budget: 'requests', count: 0 }
      expect(await ledger.commit(committing(child, { intent }))).toEqual({ kind: 'allowed', approval: null, nearly })
      expect(await ledger.commit(committing(child, { intent }))).toEqual({ kind: 'budget-spent', budget: 'requests' })
    })
  })

  approvalsContract(name, stores)
  seriesContract(name, stores)
}
