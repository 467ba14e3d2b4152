import { describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/record/reconcile/audit-event.ts'
import type { RecordedRow } from '../../../src/record/reconcile/compare.ts'
import { type Mismatch, reconcileEvents, relevant, unseenBy } from '../../../src/record/reconcile/reconcile.ts'
import { AT, anEvent, aRow, BOUNDARY, idOf, PLANNER, recordOf, USERS } from './an-audit-event.ts'

const said = (mismatches: readonly Mismatch[]) =>
  mismatches.map(one => {
    if (one.kind === 'different') return `different ${one.differences.map(({ aspect }) => aspect).join(' ')}`
    return one.kind === 'around' ? one.whose : one.kind
  })

const find = async (event: AuditEvent, row: RecordedRow | null) =>
  said(await reconcileEvents(relevant([event], USERS), USERS, recordOf(row === null ? [] : [row])))

const leased = anEvent().as
const planning = leased && { ...leased, user: 'leasegate:plan:fixer' }
const pods = anEvent().object

describe('reconcileEvents', () => {
  test.each<{ name: string; event?: Partial<AuditEvent>; row?: Partial<RecordedRow> | null; want: string[] }>([
    { name: 'a request as recorded', want: [] },
    { name: 'no row', row: null, want: ['no-row'] },
    { name: 'another verb', event: { verb: 'delete' }, want: ['different verb'] },
    { name: 'a row that was denied', row: { decision: 'deny' }, want: ['different decision'] },
    { name: 'another name', row: { name: 'web-2' }, want: ['different object'] },
    { name: 'another group', row: { apiGroup: 'apps' }, want: ['different object'] },
    { name: 'a subresource', event: { object: pods && { ...pods, subresource: 'exec' } }, want: ['different object'] },
    { name: 'another agent', row: { agent: 'other' }, want: ['different identity'] },
    { name: 'another lease', event: { as: leased && { ...leased, lease: 'lse_2' } }, want: ['different identity'] },
    {
      name: 'another task group',
      event: { as: leased && { ...leased, groups: ['leasegate:agents', 'system:masters'] } },
      want: ['different identity'],
    },
    {
      name: 'something created, whose name is in its body alone',
      event: { verb: 'create' },
      row: { verb: 'create', name: '' },
      want: [],
    },
    {
      name: 'a URL',
      event: { object: null, path: '/version' },
      row: { isResource: false, path: '/version' },
      want: [],
    },
    {
      name: 'another URL',
      event: { object: null, path: '/metrics' },
      row: { isResource: false, path: '/version' },
      want: ['different object'],
    },
    { name: 'the boundary as itself', event: { as: null }, row: null, want: ['bare'] },
    { name: 'an impersonation that RBAC refused', event: { as: null, status: 403 }, want: ['refused'] },
    {
      name: 'the boundary as an admin',
      event: { as: { user: 'admin', groups: ['system:masters'], lease: '' } },
      want: ['stranger'],
    },
    { name: 'somebody else as the agent', event: { user: 'mallory' }, want: ['foreign'] },
    { name: 'a plan that looks', event: { user: PLANNER, as: planning }, row: null, want: [] },
    {
      name: 'a plan that tries',
      event: { user: PLANNER, as: planning, verb: 'patch', dryRun: true },
      row: null,
      want: [],
    },
    { name: 'a plan that does', event: { user: PLANNER, as: planning, verb: 'patch' }, row: null, want: ['foreign'] },
    { name: 'the planner as the agent', event: { user: PLANNER }, want: ['foreign'] },
    { name: 'somebody else who looks as a plan', event: { user: 'mallory', as: planning }, want: ['foreign'] },
    {
      name: 'a certificate with the name of an agent',
      event: { user: 'leasegate:fixer', as: null },
      want: ['direct'],
    },
    {
      name: 'a member of the agents’ group',
      event: { user: 'eve', groups: ['leasegate:agents'], as: null },
      want: ['direct'],
    },
    { name: 'an agent as itself', event: { user: USERS.agents[0] ?? '', as: null }, row: null, want: ['agent'] },
    { name: 'somebody else as itself', event: { user: 'admin', as: null }, row: null, want: [] },
    { name: 'a stage that knows no impersonation', event: { stage: 'RequestReceived', as: null }, want: [] },
  ])('$name', async ({ event = {}, row = {}, want }) => {
    expect(await find(anEvent(event), row === null ? null : aRow(row))).toEqual(want)
  })

  test('an audit id that comes with two requests is told, a stream that tells twice is one request', async () => {
    const stream = [anEvent({ stage: 'ResponseStarted' }), anEvent()]
    const record = recordOf([aRow()])
    expect(said(await reconcileEvents(relevant(stream, USERS), USERS, record))).toEqual([])
    const again = [...stream, anEvent({ receivedAt: AT + 1000 })]
    expect(said(await reconcileEvents(relevant(again, USERS), USERS, record))).toEqual(['repeated'])
  })

  test('an audit id that a client made up is not asked for', async () => {
    const record = recordOf([])
    const event = anEvent({ auditId: "x') OR 1=1 --" })
    expect(said(await reconcileEvents([event], USERS, record))).toEqual(['no-row'])
    expect(record.asked).toEqual([])
  })

  test('without the name of the boundary’s account, whoever acts as an agent may be it', async () => {
    const users = { boundary: [], planner: [], agents: [] }
    expect(said(await reconcileEvents([anEvent()], users, recordOf([aRow()])))).toEqual([])
    expect(said(await reconcileEvents([anEvent({ user: 'mallory' })], users, recordOf([])))).toEqual(['no-row'])
    expect(relevant([anEvent({ as: null, user: BOUNDARY })], users)).toEqual([])
  })
})

describe('unseenBy', () => {
  test('names what was forwarded and is in no log', async () => {
    const rows = [1, 2, 3].map(n => aRow({ auditId: idOf(n), decidedAt: AT + n }))
    const seen = new Set([idOf(1)])
    const missing = await unseenBy(seen, { from: AT, until: AT + 3 }, recordOf(rows))
    expect(missing).toMatchObject([{ kind: 'unseen', row: { auditId: idOf(2) } }])
  })
})
