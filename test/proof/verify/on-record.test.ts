import { describe, expect, test } from 'vitest'
import { compareRecord, type Sent } from '../../../src/proof/verify/on-record.ts'
import type { RecordedRequest } from '../../../src/proof/verify/parts.ts'

const WHOSE = { agent: 'deployer', sponsor: 'dana', task: 'look', lease: 'lse_1' }

const SENT: readonly Sent[] = [
  { method: 'GET', path: '/version', status: 200, auditId: 'a', decision: 'allow' },
  { method: 'GET', path: '/api/v1/namespaces/shop/pods/web/exec', status: 101, auditId: '', decision: 'allow' },
  { method: 'DELETE', path: '/api/v1/namespaces/shop', status: 403, auditId: 'c', decision: 'deny' },
]

const [FIRST, SECOND, THIRD] = [row(0, 'a'), row(1, 'b'), row(2, 'c')]

function row(index: number, auditId: string): RecordedRequest {
  const { method, path, status, decision } = SENT[index] as Sent
  return {
    ...WHOSE,
    audit_id: auditId,
    method,
    path,
    status,
    decision,
    reason: '',
    state: 'done',
    what: '',
    command: [],
  }
}

describe('compareRecord', () => {
  test('a whole record in order gives no finding', () => {
    expect(compareRecord(SENT, [FIRST, SECOND, THIRD], WHOSE)).toEqual([])
  })

  test.each([
    { name: 'a row is missing', rows: [FIRST, SECOND], finds: /DELETE .* is not on record, audit id c/ },
    { name: 'an exec is missing', rows: [FIRST, THIRD], finds: /web\/exec was answered with 101 and is not on record/ },
    {
      name: 'a row is there twice',
      rows: [FIRST, FIRST, SECOND, THIRD],
      finds: /GET \/version \(a\) under this lease, or has it twice/,
    },
    {
      name: 'a row is one that nobody sent',
      rows: [FIRST, SECOND, { ...THIRD, audit_id: 'x' }, THIRD],
      finds: /DELETE .* \(x\) under this lease/,
    },
    { name: 'two rows have changed places', rows: [SECOND, FIRST, THIRD], finds: /not where it belongs/ },
    {
      name: 'a row is of another agent',
      rows: [{ ...FIRST, agent: 'other' }, SECOND, THIRD],
      finds: /agent is "other" instead of "deployer"/,
    },
    {
      name: 'a row has no sponsor',
      rows: [{ ...FIRST, sponsor: '' }, SECOND, THIRD],
      finds: /sponsor is "" instead of "dana"/,
    },
    { name: 'a row is of another task', rows: [{ ...FIRST, task: 'x' }, SECOND, THIRD], finds: /task is "x"/ },
    {
      name: 'a row says that what was allowed was denied',
      rows: [{ ...FIRST, decision: 'deny' }, SECOND, THIRD],
      finds: /the decision is "deny"/,
    },
    {
      name: 'a row says that what was denied was allowed',
      rows: [FIRST, SECOND, { ...THIRD, decision: 'allow' }],
      finds: /the decision is "allow"/,
    },
    {
      name: 'a row has no outcome',
      rows: [{ ...FIRST, state: 'unknown' }, SECOND, THIRD],
      finds: /its outcome is "unknown"/,
    },
    {
      name: 'a row has another status',
      rows: [{ ...FIRST, status: 404 }, SECOND, THIRD],
      finds: /the status is 404, not 200/,
    },
    { name: 'a row has another path', rows: [{ ...FIRST, path: '/x' }, SECOND, THIRD], finds: /it says GET \/x/ },
  ])('is not content when $name', ({ rows, finds }) => {
    expect(compareRecord(SENT, rows, WHOSE).map(({ what }) => what)).toEqual([expect.stringMatching(finds)])
  })

  test('what waits for approval counts as refused', () => {
    expect(compareRecord(SENT, [FIRST, SECOND, { ...THIRD, decision: 'pending' }], WHOSE)).toEqual([])
  })
})
