import { describe, expect, test } from 'vitest'
import { toRow } from '../../../src/record/to-rows.ts'
import { select } from '../embedded.ts'
import { approvalEvent, decision, item } from '../entries.ts'
import { reader, writeEach } from './the-views.ts'

describe('approvals', () => {
  test('of several people each yes stays, with who, when and why, and the last settles it', async () => {
    const said = { event: 'yes', approval: 'apr_9' } as const
    const at = Date.UTC(2026, 8, 1, 10)
    const rows = [
      approvalEvent({ ...said, by: 'bob', at, reason: 'first' }),
      approvalEvent({ ...said, by: 'eve', at: at + 1, reason: 'second' }),
      approvalEvent({ ...said, by: 'bob', at: at + 2, reason: 'of what changed since' }),
      approvalEvent({ approval: 'apr_9', by: 'joe', at: at + 3, reason: 'third' }),
    ].map(event => toRow(item(event)))
    await writeEach([...rows.slice(0, 3), ...rows.slice(0, 3)])
    const answers = () => select(reader, 'SELECT event, by, reason FROM approval_events FINAL ORDER BY at')
    const answer = () => select(reader, "SELECT answer, answered_by FROM approvals WHERE approval = 'apr_9'")
    expect(await answer()).toEqual([{ answer: '', answered_by: '' }])
    await writeEach(rows.slice(3))
    expect(await answers()).toEqual([
      { event: 'yes', by: 'bob', reason: 'first' },
      { event: 'yes', by: 'eve', reason: 'second' },
      { event: 'yes', by: 'bob', reason: 'of what changed since' },
      { event: 'approved', by: 'joe', reason: 'third' },
    ])
    expect(await answer()).toEqual([{ answer: 'approved', answered_by: 'joe' }])
  })

  test('an approval is one row: asked, answered, used', async () => {
    const ask = { decision: 'pending', reason: '', approval: 'apr_1' } as const
    const at = decision().decidedAt
    await writeEach([
      toRow(item(approvalEvent())),
      toRow(item(decision({ auditId: 'a-1', risk: 'secret-read' }), ask)),
      toRow(item(decision({ auditId: 'a-2', decidedAt: at + 5000, risk: 'secret-read' }), ask)),
      toRow(
        item(decision({ auditId: 'a-3', decidedAt: at + 40_000, risk: 'secret-read' }), { ...ask, decision: 'allow' }),
      ),
    ])
    expect(await select(reader, 'SELECT * FROM approvals')).toEqual([
      {
        approval: 'apr_1',
        lease: 'lse_1',
        agent: 'fixer',
        summary: 'get secrets/db in shop',
        risk: 'secret-read',
        asked_at: '2026-09-01 10:00:00.000',
        asked_times: 2,
        answer: 'approved',
        answered_at: '2026-09-01 10:00:30.000',
        answered_by: 'bob@example.com',
        answer_reason: 'ticket says so',
        wait_ms: 30_000,
        used_at: '2026-09-01 10:00:40.000',
        used_by: 'a-3',
      },
    ])
  })

  test('of a yes that was taken back, the words of the no', async () => {
    const at = approvalEvent().at + 1000
    await writeEach([
      toRow(item(approvalEvent({ approval: 'apr_2' }))),
      toRow(item(approvalEvent({ approval: 'apr_2', event: 'rejected', at, reason: 'not today' }))),
    ])
    expect(await select(reader, "SELECT answer, answer_reason FROM approvals WHERE approval = 'apr_2'")).toEqual([
      { answer: 'rejected', answer_reason: 'not today' },
    ])
  })
})
