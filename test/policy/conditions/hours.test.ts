import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closesAt, DAYS, describeHours, type Hours, isOpen } from '../../../src/policy/conditions/hours.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const at = (text: string) => Date.parse(text)
const time = (text: string) => {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * 60 + minutes
}
const hours = (from: string, to: string, given: Partial<Hours> = {}): Hours => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: time(from),
  to: time(to),
  timeZone: 'Europe/Berlin',
  ...given,
})

const office = [hours('09:00', '17:30')]

describe('closesAt', () => {
  test.each([
    { name: 'a Monday morning', now: '2026-11-30T08:00:00Z', want: '2026-11-30T16:30:00Z' },
    { name: 'the last minute', now: '2026-11-30T16:29:59.999Z', want: '2026-11-30T16:30:00Z' },
    { name: 'the end itself', now: '2026-11-30T16:30:00Z', want: null },
    { name: 'the minute before', now: '2026-11-30T07:59:59.999Z', want: null },
    { name: 'a Sunday', now: '2026-11-29T12:00:00Z', want: null },
    { name: 'summer, when it is two hours ahead', now: '2026-07-06T07:00:00Z', want: '2026-07-06T15:30:00Z' },
    {
      name: 'what is Monday there and Sunday here',
      now: '2026-11-29T23:30:00Z',
      want: '2026-11-30T00:00:00Z',
      of: [hours('00:00', '01:00')],
    },
  ])('$name', ({ now, want, of = office }) => {
    expect(closesAt(of, at(now), at(now) + DAY)).toBe(want === null ? at(now) : at(want))
    expect(isOpen(of, at(now))).toBe(want !== null)
  })

  test('hours past midnight are those of the day on which they begin', () => {
    const nights = [hours('22:00', '06:00', { days: ['fri'] })]
    expect(closesAt(nights, at('2026-12-05T02:00:00Z'), Infinity)).toBe(at('2026-12-05T05:00:00Z'))
    expect(isOpen(nights, at('2026-12-04T02:00:00Z'))).toBe(false)
    expect(isOpen([hours('22:00', '06:00', { days: ['sun'] })], at('2026-11-30T02:00:00Z'))).toBe(true)
  })

  test('hours that meet are one, and end with the last', () => {
    const both = [hours('09:00', '12:00'), hours('12:00', '17:00'), hours('16:00', '18:00')]
    expect(closesAt(both, at('2026-11-30T08:30:00Z'), Infinity)).toBe(at('2026-11-30T17:00:00Z'))
  })

  test('no end is later than what is asked for, also of hours without an end', () => {
    const always = [hours('00:00', '24:00', { days: DAYS })]
    const now = at('2026-11-30T08:00:00Z')
    expect(closesAt(always, now, now + 5 * DAY)).toBe(now + 5 * DAY)
    expect(closesAt(office, now, now + MINUTE)).toBe(now + MINUTE)
  })

  test.each([
    { name: 'clocks go forward', now: '2026-03-29T00:30:00Z', to: '04:00', want: '2026-03-29T02:00:00Z' },
    { name: 'clocks go back', now: '2026-10-24T23:30:00Z', to: '04:00', want: '2026-10-25T03:00:00Z' },
    {
      name: 'the end is an hour that this day does not have',
      now: '2026-03-29T00:30:00Z',
      to: '02:30',
      want: '2026-03-29T01:00:00Z',
    },
  ])('where $name', ({ now, to, want }) => {
    const night = [hours('00:00', to, { days: DAYS })]
    expect(closesAt(night, at(now), Infinity)).toBe(at(want))
  })

  test.each([
    { name: 'away from the hour of the change', now: '2026-03-29T10:00:00Z' },
    { name: 'across the change', now: '2026-03-29T00:58:00Z' },
    { name: 'with the change still to come', now: '2026-03-28T23:00:00Z' },
  ])('looks at no more of a day on which clocks change than was asked about: $name', ({ now }) => {
    let looks = 0
    const counted = {
      ...hours('00:00', '23:59'),
      get days() {
        looks += 1
        return DAYS
      },
    }
    expect(closesAt([counted], at(now), at(now) + 5 * MINUTE)).toBe(at(now) + 5 * MINUTE)
    expect(looks).toBeLessThanOrEqual(10)
  })

  test('is the first minute in which they are not open, whenever and wherever', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe')
    const minute = fc.integer({ min: 0, max: 1439 })
    const some = fc.record({ days: fc.subarray([...DAYS], { minLength: 1 }), from: minute, to: minute, timeZone: zone })
    const moment = fc.integer({ min: at('2026-01-01T00:00:00Z') / MINUTE, max: at('2027-01-01T00:00:00Z') / MINUTE })
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 3 }), moment, (all, start) => {
        fc.pre(all.every(({ from, to }) => from !== to))
        const now = start * MINUTE
        let end = now
        while (end < now + 2 * DAY && isOpen(all, end)) end += MINUTE
        expect(closesAt(all, now, now + 2 * DAY)).toBe(end)
      }),
      { numRuns: 60 },
    )
  })
})

test('hours are told as people write them', () => {
  expect(describeHours([hours('09:00', '17:30'), hours('22:05', '24:00', { days: ['sat'], timeZone: 'UTC' })])).toBe(
    'mon tue wed thu fri 09:00-17:30 Europe/Berlin, sat 22:05-24:00 UTC',
  )
})
