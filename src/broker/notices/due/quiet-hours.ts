import type { QuietHours } from '../../../policy/notify.ts'

const MINUTE = 60_000
const DAY = 24 * 60
/** Clocks are put forward by less, and once at most. */
const MOST_MISSING = 180

export function isQuiet({ from, to, timeZone }: QuietHours, at: number): boolean {
  const minute = minuteThere(timeZone, at)
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

/** The moment itself, or when the quiet hours that it is in end. */
export function afterQuiet(quiet: QuietHours, at: number): number {
  if (!isQuiet(quiet, at)) return at
  const whole = at - (at % MINUTE)
  const apart = (quiet.to - minuteThere(quiet.timeZone, at) + DAY) % DAY
  const guess = whole + apart * MINUTE
  // Where a clock is put forward or back in between, it shows another time by then.
  const off = ((quiet.to - minuteThere(quiet.timeZone, guess) + DAY + DAY / 2) % DAY) - DAY / 2
  let end = guess + off * MINUTE
  // The end itself may be a time that this day does not have.
  for (let tries = 0; tries < MOST_MISSING && isQuiet(quiet, end); tries++) end += MINUTE
  return end
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>()

function minuteThere(timeZone: string, at: number): number {
  let clock = CLOCKS.get(timeZone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    CLOCKS.set(timeZone, clock)
  }
  const [hours = '0', minutes = '0'] = clock.format(at).split(':')
  return Number(hours) * 60 + Number(minutes)
}
