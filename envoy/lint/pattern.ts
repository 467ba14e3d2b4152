/** What a setting has to be: this value, text of this form, any list as long, or an object with at least these. */
export type Pattern =
  | string
  | number
  | boolean
  | RegExp
  | readonly Pattern[]
  | ((value: unknown) => boolean)
  | { readonly [key: string]: Pattern }

/** Where a value is not as the pattern wants it, one line each. */
export function holds(at: string, value: unknown, pattern: Pattern): readonly string[] {
  if (typeof pattern === 'function') return pattern(value) ? [] : [wrong(at, value)]
  if (pattern instanceof RegExp) return typeof value === 'string' && pattern.test(value) ? [] : [wrong(at, value)]
  if (typeof pattern !== 'object') return value === pattern ? [] : [wrong(at, value)]
  if (Array.isArray(pattern) && (!Array.isArray(value) || value.length !== pattern.length)) return [wrong(at, value)]
  const found: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  return Object.entries(pattern).flatMap(([key, wanted]) => holds(`${at}.${key}`, found[key], wanted))
}

function wrong(at: string, value: unknown): string {
  return `${at} must not be ${value === undefined ? 'left out' : JSON.stringify(value)}`
}

export function absent(value: unknown): boolean {
  return value === undefined
}

/** A number in these bounds. */
export function between(least: number, most: number): (value: unknown) => boolean {
  return value => typeof value === 'number' && value >= least && value <= most
}

/** A duration in these bounds, in seconds, as Envoy's JSON writes it: "1.5s". */
export function seconds(least: number, most: number): (value: unknown) => boolean {
  return value => typeof value === 'string' && /^\d+(\.\d+)?s$/.test(value) && between(least, most)(parseFloat(value))
}
