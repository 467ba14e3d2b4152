export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

/** A time of the week in which leases of a template may live. */
export interface Hours {
  /** On which it begins. */
  readonly days: readonly Day[]
  /** Minutes of the day there; past midnight where `to` is not after `from`. */
  readonly from: number
  readonly to: number
  readonly timeZone: string
}

const MINUTE = 60_000
const DAY = 24 * 60
const WEEK = 7 * DAY

/**
 * When the hours that a moment is in end, `notAfter` at the latest: the moment itself where it is in none. Both in epoch milliseconds. Hours that meet
 * are one.
 */
export function closesAt(hours: readonly Hours[], at: number, notAfter: number): number {
  let end = at
  for (let left = minutesLeft(hours, end); left > 0 && end < notAfter; left = minutesLeft(hours, end)) {
    end = endOf(hours, { at: end, minutes: left, notAfter })
  }
  return Math.min(end, notAfter)
}

export function isOpen(hours: readonly Hours[], at: number): boolean {
  return minutesLeft(hours, at) > 0
}

/** Of whichever lasts longest; 0 where it is in none. */
function minutesLeft(hours: readonly Hours[], at: number): number {
  return Math.max(0, ...hours.map(each => left(each, at)))
}

function left({ days, from, to, timeZone }: Hours, at: number): number {
  const now = minuteOfWeek(timeZone, at)
  const length = to > from ? to - from : to + DAY - from
  const ends = days.map(day => {
    const since = (now - (DAYS.indexOf(day) * DAY + from) + WEEK) % WEEK
    return since < length ? length - since : 0
  })
  return Math.max(0, ...ends)
}

interface Span {
  readonly at: number
  /** By the clock, from then on. */
  readonly minutes: number
  readonly notAfter: number
}

/**
 * Where a clock is put forward or back before that, each minute is looked at: what it says, and not how long it took, is what counts. None is beyond
 * what was asked about: requests wait for this.
 */
function endOf(hours: readonly Hours[], { at, minutes, notAfter }: Span): number {
  const whole = at - (at % MINUTE)
  const looked = Math.min(minutes, Math.ceil((notAfter - whole) / MINUTE))
  const end = whole + looked * MINUTE
  const isEven = hours.every(
    ({ timeZone }) => (minuteOfWeek(timeZone, whole) + looked) % WEEK === minuteOfWeek(timeZone, end),
  )
  if (isEven) return end
  const latest = Math.min(notAfter, whole + (minutes + DAY) * MINUTE)
  let next = whole + MINUTE
  while (next < latest && minutesLeft(hours, next) > 0) next += MINUTE
  return next
}

/** `mon tue wed 09:00-17:30 Europe/Berlin`, or several of them. */
export function describeHours(hours: readonly Hours[]): string {
  return hours
    .map(({ days, from, to, timeZone }) => `${days.join(' ')} ${clock(from)}-${clock(to)} ${timeZone}`)
    .join(', ')
}

function clock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map(part => String(part).padStart(2, '0')).join(':')
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>()
const NAMES: readonly string[] = DAYS
const SHOWN = /^(\w{3})\D+(\d\d):(\d\d)$/

/** As clocks there show it, from Monday on. */
function minuteOfWeek(timeZone: string, at: number): number {
  let shown = CLOCKS.get(timeZone)
  if (shown === undefined) {
    const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    shown = new Intl.DateTimeFormat('en-GB', { timeZone, ...options })
    CLOCKS.set(timeZone, shown)
  }
  const [, day = '', hour = '', minute = ''] = SHOWN.exec(shown.format(at)) ?? []
  return NAMES.indexOf(day.toLowerCase()) * DAY + Number(hour) * 60 + Number(minute)
}
