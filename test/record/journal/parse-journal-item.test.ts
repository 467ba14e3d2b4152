import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPoison } from '../../../src/record/journal/journal.ts'
import { parseJournalItem } from '../../../src/record/journal/parse-journal-item.ts'
import { aDecision, aLeaseEvent } from '../a-journal-entry.ts'

const SETTLED = '{"decision":"allow","reason":"","approval":""}'
const item = (entry: string | null, settled: string | null) =>
  parseJournalItem({ stream: '00', id: '1-1', entry, settled })

describe('parseJournalItem', () => {
  test.each([
    { name: 'a decision', entry: aDecision() },
    { name: 'a decision on a request that was refused unread', entry: aDecision({ info: null, intent: 'deny' }) },
    { name: 'a decision of several risks', entry: aDecision({ risk: 'a', risks: ['a', 'b'] }) },
    { name: 'a lease event', entry: aLeaseEvent() },
    { name: 'a summary', entry: { kind: 'refusals', source: '*', minute: 0, count: 3 } },
    {
      name: 'an approval event',
      entry: {
        kind: 'approval',
        event: 'rejected',
        at: 1,
        approval: 'a',
        lease: 'l',
        agent: 'x',
        by: 'y',
        summary: 's',
        reason: 'r',
        changes: { fields: [{ path: 'spec.replicas', kind: 'changed', before: '1', after: '2' }], more: 0 },
      },
    },
  ])('brings $name back as it was written', ({ entry }) => {
    expect(item(JSON.stringify(entry), SETTLED)).toEqual({
      stream: '00',
      id: '1-1',
      entry,
      settled: { decision: 'allow', reason: '', approval: '' },
    })
  })

  test('reads an answer of before approvers could say why', () => {
    const event = {
      kind: 'approval',
      event: 'approved',
      at: 1,
      approval: 'a',
      lease: 'l',
      agent: 'x',
      by: 'y',
      summary: 's',
    }
    expect(item(JSON.stringify(event), SETTLED)).toMatchObject({ entry: { ...event, reason: '' } })
  })

  test('reads a decision of an authorizer that is newer, and says something more in it', () => {
    const entry = { ...aDecision(), laterOn: ['a', 'b'] }
    expect(item(JSON.stringify(entry), SETTLED)).toMatchObject({ entry: aDecision() })
  })

  test.each([
    { name: 'nothing', entry: null, settled: null, problem: 'no entry' },
    { name: 'no JSON', entry: '{', settled: null, problem: 'entry: not JSON' },
    { name: 'an unknown kind', entry: '{"kind":"x"}', settled: null, problem: 'entry: kind: invalid_union' },
    {
      name: 'a wrong field',
      entry: JSON.stringify({ ...aDecision(), dryRun: 'hunter2' }),
      settled: SETTLED,
      problem: 'entry: dryRun: invalid_type',
    },
    {
      name: 'a decision the store does not know',
      entry: JSON.stringify(aDecision()),
      settled: '{"decision":"maybe","reason":"","approval":""}',
      problem: 'settled: decision: invalid_value',
    },
  ])('says what is wrong with $name, and quotes nothing', ({ entry, settled, problem }) => {
    expect(item(entry, settled)).toEqual({ stream: '00', id: '1-1', problem })
  })

  test('never throws', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant(null))
    fc.assert(fc.property(text, text, (entry, settled) => isPoison(item(entry, settled)) || entry !== null))
  })
})
