import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Share } from '../../../src/authorizer/share/share.ts'

const share = () => new Share({ most: 10, perSecond: 2 })

describe('Share', () => {
  test('gives what there is, and not more', () => {
    const bytes = share()
    expect(bytes.take('a', 6, 0)).toBe(true)
    expect(bytes.take('a', 5, 0)).toBe(false)
    expect(bytes.take('a', 4, 0)).toBe(true)
  })

  test('of one agent is not that of another', () => {
    const bytes = share()
    bytes.take('a', 10, 0)
    expect(bytes.take('b', 10, 0)).toBe(true)
  })

  test('comes back with time, and at once when it is given back', () => {
    const bytes = share()
    bytes.take('a', 10, 0)
    expect(bytes.take('a', 3, 1000)).toBe(false)
    expect(bytes.take('a', 2, 1000)).toBe(true)
    bytes.giveBack('a', 7, 1000)
    expect(bytes.take('a', 7, 1000)).toBe(true)
    expect(bytes.take('a', 1, 1000)).toBe(false)
  })

  test('that was overdrawn takes its time', () => {
    const time = share()
    expect(time.hasSome('a', 0)).toBe(true)
    time.charge('a', 30, 0)
    expect(time.hasSome('a', 10_000)).toBe(false)
    expect(time.hasSome('a', 10_001)).toBe(true)
  })

  test('is never more than the measure, whatever was given back and however clocks go', () => {
    const step = fc.record({ take: fc.boolean(), amount: fc.nat(20), at: fc.nat(5000) })
    fc.assert(
      fc.property(fc.array(step), steps => {
        const bytes = share()
        for (const { take, amount, at } of steps) {
          if (take) bytes.take('a', amount, at)
          else bytes.giveBack('a', amount, at)
        }
        expect(bytes.take('a', 11, 1e9)).toBe(false)
        expect(bytes.take('a', 10, 1e9)).toBe(true)
      }),
    )
  })
})
