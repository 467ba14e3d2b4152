import { type Unreadable, unreadable } from '../unreadable.ts'

/** Thrown inside of the reader alone: what it meets is not YAML, or none that everybody reads alike. */
export class NotRead extends Error {
  readonly because: Unreadable

  constructor(why: string) {
    super(why)
    this.because = unreadable(why)
  }
}

export const NOT_VALID = 'it is not valid YAML'
export const TWO_WAYS = 'it is YAML that may be read in two ways'

/** A line without its indentation and its end. The reader of a list moves `from` behind the dash. */
export interface Line {
  readonly indent: number
  readonly from: number
  readonly to: number
}

/** Of the largest object that people write by hand. */
const MAX_LINES = 50_000

/** Texts that are long live once: a line is two places in it. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    const next = end === -1 ? text.length : end
    const to = text[next - 1] === '\r' && next > start ? next - 1 : next
    let from = start
    while (from < to && text[from] === ' ') from += 1
    if (lines.length === MAX_LINES) throw new NotRead(`it has more than ${MAX_LINES} lines`)
    lines.push({ indent: from - start, from, to })
    start = next + 1
  }
  return lines
}

export function isBlank({ from, to }: Line): boolean {
  return from >= to
}
