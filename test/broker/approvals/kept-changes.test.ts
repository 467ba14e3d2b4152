import { describe, expect, test } from 'vitest'
import { keptChanges } from '../../../src/broker/approvals/kept-changes.ts'

const changed = (n: number, length = 20) =>
  ({ path: `spec.replicas[${n}]`, kind: 'changed', before: 'a'.repeat(length), after: 'b'.repeat(length) }) as const

describe('keptChanges', () => {
  test('are none of a plan that changes nothing', () => {
    expect(keptChanges([])).toBeNull()
  })

  test('have no value where the plan has none', () => {
    const hidden = { path: 'data.password', kind: 'changed', hidden: true } as const
    expect(keptChanges([hidden, changed(1)])).toEqual({ fields: [hidden, changed(1)], more: 0 })
  })

  test('of a large plan are its beginning, and say how many more there were', () => {
    const all = Array.from({ length: 2000 }, (_, n) => changed(n, 5000))
    const kept = keptChanges(all)
    expect(kept?.fields[0]?.before).toBe(`${'a'.repeat(256)}[cut, 4744 more]`)
    expect((kept?.fields.length ?? 0) + (kept?.more ?? 0)).toBe(2000)
    expect(kept?.fields.length).toBeGreaterThan(4)
    expect(JSON.stringify(kept).length).toBeLessThan(8192)
  })
})
