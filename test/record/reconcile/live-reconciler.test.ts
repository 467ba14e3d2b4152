import { describe, expect, test } from 'vitest'
import type { RecordedRow } from '../../../src/record/reconcile/compare.ts'
import { LiveReconciler } from '../../../src/record/reconcile/live-reconciler.ts'
import { AT, anEvent, aRow, idOf, recordOf, USERS } from './an-audit-event.ts'

const GRACE = 1000

function start(rows: readonly RecordedRow[]) {
  const clock = { now: AT }
  const record = recordOf(rows)
  const settings = { users: USERS, record, graceMs: GRACE, maxWaiting: 10, now: () => clock.now }
  return { clock, reconciler: new LiveReconciler(settings) }
}

const kinds = (mismatches: readonly { readonly kind: string }[]) => mismatches.map(({ kind }) => kind)

describe('LiveReconciler', () => {
  test('waits for the record before it says that a row is missing', async () => {
    const rows: RecordedRow[] = []
    const { clock, reconciler } = start(rows)
    reconciler.add([anEvent(), anEvent({ auditId: idOf(2) })])
    expect(await reconciler.settle()).toEqual([])
    rows.push(aRow())
    clock.now += GRACE
    expect(await reconciler.settle()).toMatchObject([{ kind: 'no-row', event: { auditId: idOf(2) } }])
    expect(await reconciler.settle()).toEqual([])
    expect(reconciler.compared).toBe(2)
  })

  test('names rows that no event came for, each once, and none from before its begin', async () => {
    const rows = [aRow({ decidedAt: AT - 1 }), aRow({ auditId: idOf(2), decidedAt: AT + 10 })]
    rows.push(aRow({ auditId: idOf(3), decidedAt: AT + 20 }))
    const { clock, reconciler } = start(rows)
    reconciler.add([anEvent({ auditId: idOf(3), receivedAt: AT + 21 })])
    clock.now += GRACE + 100
    expect(await reconciler.settle()).toMatchObject([{ kind: 'unseen', row: { auditId: idOf(2) } }])
    clock.now += GRACE
    expect(await reconciler.settle()).toEqual([])
  })

  test('notices an audit id that comes again much later', async () => {
    const { clock, reconciler } = start([aRow()])
    reconciler.add([anEvent()])
    clock.now += GRACE
    expect(await reconciler.settle()).toEqual([])
    // The same event delivered again is no other request.
    reconciler.add([anEvent()])
    clock.now += GRACE
    expect(await reconciler.settle()).toEqual([])
    reconciler.add([anEvent({ receivedAt: AT + 5000 })])
    clock.now += GRACE
    expect(kinds(await reconciler.settle())).toEqual(['repeated'])
  })

  test('keeps what it could not compare while the record is away', async () => {
    const record = recordOf([])
    let away = true
    const reconciler = new LiveReconciler({
      users: USERS,
      record: { ...record, byAuditId: ids => (away ? Promise.reject(new Error('away')) : record.byAuditId(ids, SPAN)) },
      graceMs: 0,
      maxWaiting: 10,
      now: Date.now,
    })
    reconciler.add([anEvent()])
    await expect(reconciler.settle()).rejects.toThrow('away')
    away = false
    expect(kinds(await reconciler.settle())).toEqual(['no-row'])
  })

  test('takes so many events and no more', () => {
    const { reconciler } = start([])
    expect(reconciler.add(Array.from({ length: 10 }, (_, n) => anEvent({ auditId: idOf(n) })))).toBe(true)
    expect(reconciler.add([anEvent({ auditId: idOf(11) })])).toBe(false)
  })
})

const SPAN = { from: 0, until: 1 }
