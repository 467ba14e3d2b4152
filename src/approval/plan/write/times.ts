/** Times as somebody said them, each in the words of one of the forms below. */
export type SaidTimes = ReadonlySet<string>

const DATE_AND_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g
/** Clocks of other machines, and how long a dry run takes. */
const ABOUT_MS = 600_000

/** With `now` in the place of times of about now that nobody has sent, and that were not there. */
export function withoutNow(text: string, known: SaidTimes, now: number): string {
  return replaced(text, DATE_AND_TIME, known, time => isAbout(Date.parse(time), now))
}

const HALF_A_DAY_MS = 50_400_000
/** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
const EPOCH = /(?<!\d)\d{10}(?:\d{3}){0,3}(?!\d)/g
/** As Go, Python, shells and labels write it, with a zone or without. */
const LOOSE = /\d{4}-?\d\d-?\d\d[T _-]?\d\d[:-]?\d\d[:-]?\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?/g
/** As of HTTP and mail. */
const OF_MAIL =
  /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d\d? [A-Z][a-z]{2}|[A-Z][a-z]{2} +\d\d?) [\d: ]{13,16}(?:GMT|UTC|[+-]\d{4})?(?: \d{4})?/g

/**
 * The same for times in any form that programs write, where a number that passes for one lets nothing in: `1767225600` may be the tag of an image as
 * well.
 */
export function withoutTimes(text: string, known: SaidTimes, now: number): string {
  const plain = withoutNow(text, known, now)
  const mailed = replaced(plain, OF_MAIL, known, time => isAbout(Date.parse(time), now, HALF_A_DAY_MS))
  const loose = replaced(mailed, LOOSE, known, time => isAbout(ofDigits(time), now, HALF_A_DAY_MS))
  return replaced(loose, EPOCH, known, time => isAbout(Number(time) / 10 ** (time.length - 13), now))
}

/** All times of these texts, read once: there may be as many of them as an object has room for. */
export function timesIn(texts: readonly string[]): SaidTimes {
  const forms = [DATE_AND_TIME, LOOSE, OF_MAIL, EPOCH]
  return new Set(texts.flatMap(text => forms.flatMap(form => text.match(form) ?? [])))
}

function replaced(text: string, form: RegExp, known: SaidTimes, isNow: (time: string) => boolean): string {
  return text.replace(form, time => (isNow(time) && !known.has(time) ? 'now' : time))
}

/** Of a zone that is not said: as of Greenwich. */
function ofDigits(time: string): number {
  const [year = 0, month = 1, day, hour, minute, second] = (
    /^(\d{4})-?(\d\d)-?(\d\d)[T _-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d)/.exec(time)?.slice(1) ?? []
  ).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function isAbout(time: number, now: number, within = ABOUT_MS): boolean {
  return Math.abs(time - now) < within
}
