import { describe, expect, test } from 'vitest'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Commit } from '../../../src/lease/lease-store.ts'
import { MOST_OF_SERIES } from '../../../src/lease/questions/series.ts'
import type { Stores } from '../../support/stores/memory-stores.ts'
import { answering, asking } from '../a-lease.ts'
import { opened } from './approvals-contract.ts'

/** A try of an eviction, of which the API server may say "not now". */
function evicting(commit: Commit): Commit {
  if (commit.intent.kind !== 'approval') return commit
  return { ...commit, intent: { ...commit.intent, series: { kind: 'tries' } } }
}

/** A yes to what comes in several requests: pages of a list, tries of an eviction. */
export function seriesContract(name: string, stores: () => Stores): void {
  describe(`${name}: a yes to several requests`, () => {
    const open = () => opened(stores)

    const listed = (commit: Commit, page: [version: string, start: string] | null): Commit => {
      if (commit.intent.kind !== 'approval') return commit
      const series = { kind: 'pages', page: page === null ? null : { version: page[0], start: page[1] } } as const
      return { ...commit, intent: { ...commit.intent, series } }
    }

    test('a yes to a list is for its pages as well, of one version and forwards', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = async (page: [string, string] | null, given: Partial<Commit> = {}) => {
        const { kind } = await ledger.commit(listed(asking(lease, 'aa', newApprovalId(lease.id), given), page))
        return kind
      }
      await ledger.commit(listed(asking(lease, 'aa', id), null))
      expect(await ask(['7', 'aa'])).toBe('pending')
      await approvals.answer(answering(id, 'approved'))
      expect(await ask(null)).toBe('allowed')
      expect(await ask(['7', 'aa'])).toBe('allowed')
      expect(await ask(['7', 'bb'])).toBe('allowed')
      expect(await ask(['7', 'bb'])).toBe('allowed')
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'used' })
      expect(await ask(['7', 'bb'], { now: Date.now() + 11_000 })).toBe('pending')
    })

    test.each<{ name: string; page: [string, string] | null }>([
      { name: 'the first page again', page: null },
      { name: 'a page of another version', page: ['8', 'cc'] },
      { name: 'a page that comes before', page: ['7', 'aa'] },
    ])('a yes to a list is not for $name', async ({ page }) => {
      const { ledger, approvals, lease, id } = await open()
      const ask = (of: [string, string] | null) =>
        ledger.commit(listed(asking(lease, 'aa', newApprovalId(lease.id)), of))
      await ledger.commit(listed(asking(lease, 'aa', id), null))
      await approvals.answer(answering(id, 'approved'))
      await ask(null)
      await ask(['7', 'bb'])
      expect(await ask(page)).toMatchObject({ kind: 'pending', again: { before: id, why: ['used'] } })
    })

    test('a list has an end', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = (of: [string, string] | null) =>
        ledger.commit(listed(asking(lease, 'aa', newApprovalId(lease.id)), of))
      await ledger.commit(listed(asking(lease, 'aa', id), null))
      await approvals.answer(answering(id, 'approved'))
      await ask(null)
      for (let page = 1; page < MOST_OF_SERIES; page++) expect((await ask(['7', 'aa'])).kind).toBe('allowed')
      expect((await ask(['7', 'aa'])).kind).toBe('pending')
    })

    test('a yes that is given back is for the same request again, one at a time, within its time', async () => {
      const { ledger, approvals, lease, id } = await open()
      const ask = () => evicting(asking(lease, 'aa', newApprovalId(lease.id)))
      await ledger.commit(evicting(asking(lease, 'aa', id)))
      await approvals.answer(answering(id, 'approved'))
      const first = ask()
      expect((await ledger.commit(first)).kind).toBe('allowed')
      const used = { approval: id, request: first.id, now: Date.now() }
      expect(await ledger.giveBack({ ...used, request: 'another' })).toBe(false)
      expect(await ledger.giveBack({ ...used, now: Date.now() + 11_000 })).toBe(false)
      expect(await ledger.giveBack(used)).toBe(true)
      expect(await ledger.giveBack(used)).toBe(false)
      expect(await approvals.find(id, Date.now())).toMatchObject({ state: 'approved' })
      expect((await ledger.commit(asking(lease, 'bb', newApprovalId(lease.id)))).kind).toBe('pending')
      const results = await Promise.all([ask(), ask(), ask()].map(commit => ledger.commit(commit)))
      expect(results.filter(({ kind }) => kind === 'allowed')).toEqual([{ kind: 'allowed', approval: id }])
    })

    test.each([
      { name: 'of which there is no series', made: (commit: Commit) => commit },
      { name: 'that lists', made: (commit: Commit) => listed(commit, null) },
    ])(
      'a yes is not given back to a request $name: it may have been done, whoever says "not now"',
      async ({ made }) => {
        const { ledger, approvals, lease, id } = await open()
        const ask = () => made(asking(lease, 'aa', newApprovalId(lease.id)))
        await ledger.commit(made(asking(lease, 'aa', id)))
        await approvals.answer(answering(id, 'approved'))
        const first = ask()
        expect((await ledger.commit(first)).kind).toBe('allowed')
        expect(await ledger.giveBack({ approval: id, request: first.id, now: Date.now() })).toBe(false)
        expect((await ledger.commit(ask())).kind).toBe('pending')
      },
    )

    test('a yes is not given back once it was asked for anew, nor for ever', async () => {
      const { ledger, approvals, lease, id } = await open()
      const first = evicting(asking(lease, 'aa', id))
      await ledger.commit(first)
      await approvals.answer(answering(id, 'approved'))
      const use = async () => {
        const commit = evicting(asking(lease, 'aa', newApprovalId(lease.id)))
        return { result: await ledger.commit(commit), request: commit.id }
      }
      for (let at = 1; at < MOST_OF_SERIES; at++) {
        const { request } = await use()
        expect(await ledger.giveBack({ approval: id, request, now: Date.now() })).toBe(true)
      }
      const last = await use()
      expect(last.result.kind).toBe('allowed')
      expect(await ledger.giveBack({ approval: id, request: last.request, now: Date.now() })).toBe(false)
      const anew = await use()
      expect(anew.result).toMatchObject({ kind: 'pending' })
    })
  })
}
