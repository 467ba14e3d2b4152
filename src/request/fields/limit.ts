/** What a field may be. */
export type Limit =
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'text'; readonly text: string }
  /** Any text that begins so. */
  | { readonly kind: 'beginning'; readonly text: string }

const LIMIT = /^(\S+) (\S+)$/
const NUMBER = /^-?(?:0|[1-9]\d{0,14})$/
const BETWEEN = /^(.+)\.\.(.+)$/

/** `<= 5`, `>= 2`, `in 2..5`, `= registry.corp/*`; a text says what is wrong, to follow its place in the file. */
export function parseLimit(said: string): Limit | string {
  const [, operator, value = ''] = LIMIT.exec(said) ?? []
  switch (operator) {
    case '<=':
      return between(Number.NEGATIVE_INFINITY, toNumber(value))
    case '>=':
      return between(toNumber(value), Number.POSITIVE_INFINITY)
    case 'in': {
      const [, least = '', most = ''] = BETWEEN.exec(value) ?? []
      return between(toNumber(least), toNumber(most))
    }
    case '=':
      return toText(value)
    default:
      return 'must say of its field nothing, or one of "<= 5", ">= 2", "in 2..5" and "= registry.corp/*"'
  }
}

function toNumber(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN
}

function between(least: number, most: number): Limit | string {
  return least <= most
    ? { kind: 'number', least, most }
    : 'must have whole numbers, the smaller one first: spec.replicas in 2..5'
}

function toText(value: string): Limit | string {
  const star = value.indexOf('*')
  if (star === -1) return { kind: 'text', text: value }
  const isLast = star > 0 && star === value.length - 1
  return isLast
    ? { kind: 'beginning', text: value.slice(0, -1) }
    : 'may have a star only as its last sign, behind others'
}

/** Of what is no number or no text it never holds: null takes a field away, and what the API server puts there then nobody said. */
export function holds(limit: Limit, value: unknown): boolean {
  switch (limit.kind) {
    case 'number':
      return typeof value === 'number' && value >= limit.least && value <= limit.most
    case 'text':
      return isScalar(value) && String(value) === limit.text
    case 'beginning':
      return typeof value === 'string' && value.startsWith(limit.text)
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
}

/** Whether whatever the one lets be, the other does too. */
export function isStricter(limit: Limit, wider: Limit): boolean {
  switch (wider.kind) {
    case 'number':
      return limit.kind === 'number' && limit.least >= wider.least && limit.most <= wider.most
    case 'text':
      return limit.kind === 'text' && limit.text === wider.text
    case 'beginning':
      return limit.kind !== 'number' && limit.text.startsWith(wider.text)
  }
}
