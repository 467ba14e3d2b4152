import { MAX_DEPTH, MAX_PARTS, NAMED_TWICE } from '../json.ts'
import { BlockScalar } from './block-scalar.ts'
import { FlowReader } from './flow.ts'
import { checkKey, endOfQuoted, keyAt, resolve, unquoted } from './scalar.ts'
import { isBlank, type Line, linesOf, NOT_VALID, NotRead, TWO_WAYS } from './text.ts'

/** Begins a tag, an anchor, an alias, a directive, a name of its own kind, or nothing at all. */
const NOT_PLAIN = new Set([...'&*!%@`,[]{}#|>?:\'"'])

/** Reads lines that are indented: objects, lists and texts. Throws NotRead. Each line is looked at a few times, whatever stands in it. */
export class BlockReader {
  readonly #text: string
  readonly #lines: Line[]
  readonly #flow: FlowReader
  #at = 0
  #parts = 0

  constructor(text: string) {
    this.#text = text
    this.#lines = linesOf(text)
    this.#flow = new FlowReader(text, () => this.#count())
  }

  /** The one value of the document. */
  read(): unknown {
    const value = this.#block(0, 1)
    if (this.#next() !== null) throw new NotRead(NOT_VALID)
    return value
  }

  /** The value that begins on the next line, if that is indented by so much; else null, as nothing is. */
  #block(least: number, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotRead(`it is more than ${MAX_DEPTH} levels deep`)
    const line = this.#next()
    if (line === null || line.indent < least) return null
    if (this.#isItem(line)) return this.#items(line.indent, depth)
    return this.#keyOf(line) === null ? this.#inline(line.from, least - 1, depth) : this.#members(line.indent, depth)
  }

  #members(indent: number, depth: number): unknown {
    const members = new Map<string, unknown>()
    for (let line = this.#next(); line !== null && line.indent >= indent; line = this.#next()) {
      const found = line.indent === indent ? this.#keyOf(line) : null
      if (found === null) throw new NotRead(NOT_VALID)
      if (members.has(found.key)) throw new NotRead(NAMED_TWICE)
      this.#count()
      members.set(found.key, this.#member(found.next, line, depth))
    }
    return Object.fromEntries(members)
  }

  /** A list may stand as far left as the name that it belongs to. */
  #member(from: number, { indent, to }: Line, depth: number): unknown {
    if (!this.#isOver(from, to)) return this.#inline(from, indent, depth)
    this.#at += 1
    const next = this.#next()
    if (next?.indent === indent && this.#isItem(next)) return this.#items(indent, depth + 1)
    return this.#block(indent + 1, depth + 1)
  }

  #items(indent: number, depth: number): unknown {
    const items: unknown[] = []
    for (let line = this.#next(); line !== null && line.indent >= indent; line = this.#next()) {
      if (!this.#isItem(line)) {
        if (line.indent === indent) break
        throw new NotRead(NOT_VALID)
      }
      if (line.indent !== indent) throw new NotRead(NOT_VALID)
      this.#count()
      items.push(this.#item(line, depth))
    }
    return items
  }

  /** What stands behind the dash stands there as on a line of its own. */
  #item(line: Line, depth: number): unknown {
    let from = line.from + 1
    while (from < line.to && this.#text[from] === ' ') from += 1
    if (this.#isOver(from, line.to)) this.#at += 1
    else this.#lines[this.#at] = { indent: line.indent + from - line.from, from, to: line.to }
    return this.#block(line.indent + 1, depth + 1)
  }

  /** A value that begins within a line. It may go on over lines that are indented by more than `indent`. */
  #inline(from: number, indent: number, depth: number): unknown {
    const first = this.#text[from] ?? ''
    if (first === '"' || first === "'") return this.#quoted(from, indent)
    if (first === '{' || first === '[') return this.#bracketed(from, depth)
    if (first === '|' || first === '>') return this.#blockScalar(from, indent)
    return resolve(this.#plain(from, indent))
  }

  #quoted(from: number, indent: number): string {
    const end = endOfQuoted(this.#text, from)
    this.#goOnFrom(end, line => !isBlank(line) && line.indent <= indent)
    return unquoted(this.#text.slice(from, end))
  }

  #bracketed(from: number, depth: number): unknown {
    const { value, next } = this.#flow.read(from, depth)
    this.#goOnFrom(next, () => false)
    return value
  }

  #blockScalar(from: number, indent: number): string {
    const line = this.#line(this.#at)
    const header = this.#text.slice(from, this.#withoutComment(from, line.to))
    const scalar = new BlockScalar(this.#text, this.#lines, header)
    const { value, next } = scalar.read(this.#at + 1, indent)
    this.#at = next
    return value
  }

  #plain(from: number, indent: number): string {
    const first = this.#text[from] ?? ''
    if (NOT_PLAIN.has(first) || (first === '-' && this.#text[from + 1] === ' ')) throw new NotRead(TWO_WAYS)
    const { to } = this.#line(this.#at)
    const end = this.#withoutComment(from, to)
    const parts = [this.#checked(from, end)]
    this.#at += 1
    // Behind a comment the text is over.
    if (end < to && this.#text.slice(end, to).includes('#')) return parts.join('')
    let empty = 0
    for (let line = this.#lines[this.#at]; line !== undefined; line = this.#lines[this.#at]) {
      if (!isBlank(line) && (line.indent <= indent || this.#text[line.from] === '#')) break
      this.#at += 1
      if (isBlank(line)) empty += 1
      else {
        const next = this.#withoutComment(line.from, line.to)
        if (this.#text.slice(next, line.to).includes('#')) throw new NotRead(TWO_WAYS)
        parts.push(empty === 0 ? ' ' : '\n'.repeat(empty), this.#checked(line.from, next))
        empty = 0
      }
    }
    return parts.join('')
  }

  /** A line of a text without quotes: a colon in it would make it a name. */
  #checked(from: number, to: number): string {
    const text = this.#text.slice(from, to)
    if (text.includes('\t') || text.includes(': ') || text.endsWith(':')) throw new NotRead(NOT_VALID)
    return text
  }

  /** Where the line ends without a comment and the spaces before. */
  #withoutComment(from: number, to: number): number {
    const comment = this.#text.slice(from, to).indexOf(' #')
    let end = comment === -1 ? to : from + comment
    while (end > from && this.#text[end - 1] === ' ') end -= 1
    return end
  }

  /** Goes to the line behind the one in which something ended; there nothing may follow. */
  #goOnFrom(end: number, isOdd: (line: Line) => boolean): void {
    while (this.#line(this.#at).to < end) {
      this.#at += 1
      if (isOdd(this.#line(this.#at))) throw new NotRead(NOT_VALID)
    }
    if (!this.#isOver(end, this.#line(this.#at).to)) throw new NotRead(NOT_VALID)
    this.#at += 1
  }

  /** Whether nothing but spaces and a comment stands there. */
  #isOver(from: number, to: number): boolean {
    let at = from
    while (at < to && this.#text[at] === ' ') at += 1
    return at >= to || (this.#text[at] === '#' && (at > from || this.#text[at - 1] === ' '))
  }

  #isItem({ from, to }: Line): boolean {
    return this.#text[from] === '-' && (from + 1 === to || this.#text[from + 1] === ' ')
  }

  /** The name at the beginning of a line, and where its value begins. */
  #keyOf({ from, to }: Line): { readonly key: string; readonly next: number } | null {
    const first = this.#text[from]
    const found = first === '"' || first === "'" ? this.#quotedKey(from, to) : keyAt(this.#text, from, to)
    if (found === null) return null
    let colon = found.next
    while (colon < to && this.#text[colon] === ' ') colon += 1
    if (this.#text[colon] !== ':' || (colon + 1 < to && this.#text[colon + 1] !== ' ')) return null
    let next = colon + 1
    while (next < to && this.#text[next] === ' ') next += 1
    return { key: first === '"' || first === "'" ? found.key : checkKey(found.key), next }
  }

  #quotedKey(from: number, to: number): { readonly key: string; readonly next: number } | null {
    const end = endOfQuoted(this.#text, from)
    return end > to ? null : { key: unquoted(this.#text.slice(from, end)), next: end }
  }

  /** The next line that says something. */
  #next(): Line | null {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line(this.#at)
      if (isBlank(line) || this.#text[line.from] === '#') continue
      if (this.#text[line.from] === '\t') throw new NotRead(TWO_WAYS)
      return line
    }
    return null
  }

  #line(at: number): Line {
    const line = this.#lines[at]
    if (line === undefined) throw new NotRead(NOT_VALID)
    return line
  }

  #count(): void {
    this.#parts += 1
    if (this.#parts > MAX_PARTS) throw new NotRead(`it has more than ${MAX_PARTS} members and items`)
  }
}
