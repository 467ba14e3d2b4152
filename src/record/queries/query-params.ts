import type { QueryParam } from './saved-queries.ts'

export type ParamValues =
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'problem'; readonly message: string }

/** What a saved query is run with: the given values, defaults for the rest, times in the form ClickHouse reads. */
export function toParamValues(
  params: readonly QueryParam[],
  given: Readonly<Record<string, string>>,
  now: number,
): ParamValues {
  const known = params.map(({ name }) => name)
  const unknown = Object.keys(given).find(name => !known.includes(name))
  if (unknown !== undefined) {
    return problem(`there is no parameter ${unknown}${known.length > 0 ? `; there is ${known.join(', ')}` : ''}`)
  }
  const values: Record<string, string> = {}
  for (const { name, type, fallback, doc } of params) {
    const text = (Object.hasOwn(given, name) ? given[name] : undefined) ?? fallback
    if (text === null) return problem(`the parameter ${name} is missing (${doc})`)
    const value = type.startsWith('DateTime') ? toTime(text, now) : text
    if (value === null) return problem(`${name} is not a time: write 30m, 24h, 7d, or 2026-11-10T09:00:00Z`)
    values[name] = value
  }
  return { kind: 'values', values }
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** `24h` is so long ago; otherwise a date or a time, UTC when no zone is named. */
function toTime(text: string, now: number): string | null {
  const ago = /^(\d{1,6})([smhdw])$/.exec(text)
  if (ago !== null) return toDateTime64(now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS])
  const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  if (date === null) return null
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = date
  const at = Date.parse(`${day}T${minutes}${seconds}${zone}`)
  return Number.isNaN(at) ? null : toDateTime64(at)
}

/** ClickHouse's DateTime64 does not go further back. */
function toDateTime64(ms: number): string {
  return new Date(Math.max(ms, 0)).toISOString().replace('T', ' ').replace('Z', '')
}

function problem(message: string): ParamValues {
  return { kind: 'problem', message }
}
