import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterQuiet, isQuiet } from '../../../../src/broker/notices/due/quiet-hours.ts'
import type { QuietHours } from '../../../../src/policy/notify.ts'

const time = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const quiet = (from: string, to: string, timeZone = 'Europe/Berlin'): QuietHours => ({
  from: time(from),
  to: time(to),
  timeZone,
  tell: 'nobody',
})

describe('isQuiet', () => {
  test.each([
    { hours: quiet('22:00', '06:30'), at: '2026-11-29T20:59:59Z', want: false },
    { hours: quiet('22:00', '06:30'), at: '2026-11-29T21:00:00Z', want: true },
    { hours: quiet('22:00', '06:30'), at: '2026-11-30T05:29:59Z', want: true },
    { hours: quiet('22:00', '06:30'), at: '2026-11-30T05:30:00Z', want: false },
    { hours: quiet('12:00', '13:00'), at: '2026-07-01T10:00:00Z', want: true },
    { hours: quiet('12:00', '13:00'), at: '2026-07-01T11:00:00Z', want: false },
    { hours: quiet('22:00', '06:00', 'Asia/Kolkata'), at: '2026-11-29T16:30:00Z', want: true },
    { hours: quiet('00:00', '06:00', 'UTC'), at: '2026-11-29T00:00:00Z', want: true },
  ])('$hours.from to $hours.to in $hours.timeZone at $at: $want', ({ hours, at, want }) => {
    expect(isQuiet(hours, Date.parse(at))).toBe(want)
  })
})

describe('afterQuiet', () => {
  test.each([
    { what: 'outside of them, at once', at: '2026-11-29T12:00:00Z', want: '2026-11-29T12:00:00Z' },
    { what: 'in the evening, the next morning', at: '2026-11-29T22:00:10Z', want: '2026-11-30T05:30:00Z' },
    { what: 'the night the clocks go forward', at: '2026-03-28T23:00:00Z', want: '2026-03-29T04:30:00Z' },
    { what: 'the night they go back', at: '2026-10-24T22:00:00Z', want: '2026-10-25T05:30:00Z' },
  ])('$what', ({ at, want }) => {
    expect(new Date(afterQuiet(quiet('22:00', '06:30'), Date.parse(at))).toISOString()).toBe(
      new Date(want).toISOString(),
    )
  })

  test('is never in them, and nothing between is outside of them', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Havana',
    ]
    const minutes = fc.integer({ min: 0, max: 1439 })
    const years = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') })
    fc.assert(
      fc.property(minutes, minutes, fc.constantFrom(...zones), years, (from, to, timeZone, at) => {
        fc.pre(from !== to)
        const hours: QuietHours = { from, to, timeZone, tell: 'nobody' }
        const end = afterQuiet(hours, at)
        expect(end).toBeGreaterThanOrEqual(at)
        expect(isQuiet(hours, end)).toBe(false)
        for (let between = at; between < end; between += 7 * 60_000) {
          if (!isQuiet(hours, between)) throw new Error(`awake at ${new Date(between).toISOString()} before the end`)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
