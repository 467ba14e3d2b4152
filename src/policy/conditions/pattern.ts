/** One character of these, so many times. */
interface Piece {
  readonly has: (character: string) => boolean
  readonly least: number
  readonly most: number
}

/** Ways in which a whole text may be made. */
export type Pattern = readonly (readonly Piece[])[]

const LONGEST_PATTERN = 200
const MOST_TIMES = 200
/** What means something in other patterns, and nothing here: it is taken for itself only after a backslash. */
const NOT_HERE = /[()^$]/

const CLASSES: Readonly<Record<string, RegExp>> = { d: /^[0-9]$/, w: /^[A-Za-z0-9_]$/ }

/**
 * A pattern for a whole text: characters, `.`, `[A-Z0-9-]`, `\d`, `\w`, with `?`, `*`, `+` and `{2,5}` after one of them, and `|` between whole ways. No
 * groups, nothing to look back at: a text is read once, whatever it and the pattern are. Says what is wrong in place of the pattern.
 */
export function parsePattern(text: string): Pattern | string {
  if (text === '' || text.length > LONGEST_PATTERN) return `must have 1 to ${LONGEST_PATTERN} characters`
  const ways: Piece[][] = [[]]
  let rest = text
  while (rest !== '') {
    if (rest.startsWith('|')) {
      ways.push([])
      rest = rest.slice(1)
      continue
    }
    const one = readOne(rest)
    if (typeof one === 'string') return one
    const { least, most, length } = readTimes(rest.slice(one.length))
    if (least > most || most > MOST_TIMES) return `must not repeat anything more than ${MOST_TIMES} times`
    ways.at(-1)?.push({ has: one.has, least, most })
    rest = rest.slice(one.length + length)
  }
  return ways.some(way => way.every(({ least }) => least === 0)) ? 'must not match an empty text' : ways
}

/** Whether the pattern is for all of the text. Takes a look at each character for each piece, whatever they are. */
export function matchesAll(text: string, pattern: Pattern): boolean {
  const characters = [...text]
  return pattern.some(way => {
    let reached: readonly boolean[] = [true, ...characters.map(() => false)]
    for (const piece of way) reached = reachedBy(piece, characters, reached)
    return reached.at(-1) === true
  })
}

/** Where in the text one may be after the piece, by where one may be before. */
function reachedBy({ has, least, most }: Piece, text: readonly string[], from: readonly boolean[]): readonly boolean[] {
  const runs = Array<number>(text.length + 1).fill(0)
  for (let at = text.length - 1; at >= 0; at--) runs[at] = has(text[at] ?? '') ? (runs[at + 1] ?? 0) + 1 : 0
  // Where a stretch of places begins that can be reached, and where it ends.
  const turns = Array<number>(text.length + 2).fill(0)
  const turn = (at: number, by: number) => {
    turns[at] = (turns[at] ?? 0) + by
  }
  for (const [start, is] of from.entries()) {
    const last = Math.min(most, runs[start] ?? 0)
    if (!is || least > last) continue
    turn(start + least, 1)
    turn(start + last + 1, -1)
  }
  let open = 0
  return from.map((_, at) => {
    open += turns[at] ?? 0
    return open > 0
  })
}

interface One {
  readonly has: Piece['has']
  readonly length: number
}

function readOne(text: string): One | string {
  const [first = ''] = text
  if (first === '[') return readClass(text)
  if (first === '.') return { has: () => true, length: 1 }
  if (first !== '\\') {
    if (NOT_HERE.test(first))
      return `has "${first}", which means nothing here: the whole text is compared; write \\${first} for the sign`
    if (/[*+?{}\]]/.test(first)) return `has "${first}" after nothing; write \\${first} for the sign`
    return { has: character => character === first, length: first.length }
  }
  const [, escaped = ''] = [...text]
  const named = CLASSES[escaped]
  if (named !== undefined) return { has: character => named.test(character), length: 2 }
  return /^[^A-Za-z0-9]$/.test(escaped)
    ? { has: character => character === escaped, length: 2 }
    : `has "\\${escaped}", which is not known: \\d and \\w are`
}

const CLASS = /^\[((?:[A-Za-z0-9]-[A-Za-z0-9]|[^\\[\]^-])+)(-?)\]/

function readClass(text: string): One | string {
  const [whole, inside = '', dash = ''] = CLASS.exec(text) ?? []
  if (whole === undefined) return 'has a "[" without a plain class such as [A-Z0-9-] after it'
  const ranges = [...inside.matchAll(/(.)-(.)|(.)/gu)].map(
    ([, from, to, one = '']) => [from ?? one, to ?? one] as const,
  )
  if (ranges.some(([from, to]) => from > to)) return `has a range that runs backwards in ${whole}`
  const all = dash === '' ? ranges : [...ranges, ['-', '-'] as const]
  return {
    has: character => all.some(([from, to]) => character >= from && character <= to && [...character].length === 1),
    length: whole.length,
  }
}

const TIMES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '?': [0, 1],
  '*': [0, MOST_TIMES],
  '+': [1, MOST_TIMES],
}

function readTimes(text: string): { readonly least: number; readonly most: number; readonly length: number } {
  const [least, most] = TIMES[text[0] ?? ''] ?? []
  if (least !== undefined && most !== undefined) return { least, most, length: 1 }
  const [whole, from, comma, to] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(text) ?? []
  if (whole === undefined) return { least: 1, most: 1, length: 0 }
  const upTo = comma === '' ? from : to === '' ? MOST_TIMES : to
  return { least: Number(from), most: Number(upTo), length: whole.length }
}
