import { MAX_DEPTH, NAMED_TWICE } from '../json.ts'
import { checkKey, endOfQuoted, keyAt, resolve, unquoted } from './scalar.ts'
import { NOT_VALID, NotRead, TWO_WAYS } from './text.ts'

/** Words, numbers and paths; what is more stands in quotes. */
const PLAIN = /(?:[\w./]|-(?=[\w./]))[\w./$@+-]*/y

/** Objects and lists in brackets: JSON, and what YAML allows beside it. */
export class FlowReader {
  readonly #text: string
  readonly #count: () => void
  #at = 0

  /** `count` is told of every member and item. */
  constructor(text: string, count: () => void) {
    this.#text = text
    this.#count = count
  }

  /** The value that begins at `from`, and where it ends. */
  read(from: number, depth: number): { readonly value: unknown; readonly next: number } {
    this.#at = from
    return { value: this.#value(depth), next: this.#at }
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotRead(`it is more than ${MAX_DEPTH} levels deep`)
    const first = this.#text[this.#at]
    if (first === '{') return this.#members(depth)
    if (first === '[') return this.#items(depth)
    if (first === '"' || first === "'") return this.#quoted()
    PLAIN.lastIndex = this.#at
    if (!PLAIN.test(this.#text)) throw new NotRead(TWO_WAYS)
    const plain = this.#text.slice(this.#at, PLAIN.lastIndex)
    this.#at = PLAIN.lastIndex
    return resolve(plain)
  }

  #members(depth: number): unknown {
    const members = new Map<string, unknown>()
    for (this.#at += 1; !this.#takes('}'); ) {
      const key = this.#key()
      if (members.has(key)) throw new NotRead(NAMED_TWICE)
      this.#count()
      this.#skipSpaces()
      members.set(key, this.#value(depth + 1))
      if (!this.#takes(',') && !this.#isAt('}')) throw new NotRead(NOT_VALID)
    }
    return Object.fromEntries(members)
  }

  #items(depth: number): unknown {
    const items: unknown[] = []
    for (this.#at += 1; !this.#takes(']'); ) {
      this.#count()
      items.push(this.#value(depth + 1))
      if (!this.#takes(',') && !this.#isAt(']')) throw new NotRead(NOT_VALID)
    }
    return items
  }

  /** Behind a name in quotes the colon needs no space. */
  #key(): string {
    const first = this.#text[this.#at]
    const isQuoted = first === '"' || first === "'"
    const key = isQuoted ? this.#quoted() : this.#plainKey()
    this.#skipSpaces()
    const behind = this.#text[this.#at + 1] ?? ''
    if (this.#text[this.#at] !== ':' || !(isQuoted || /\s/.test(behind))) throw new NotRead(TWO_WAYS)
    this.#at += 1
    return key
  }

  #plainKey(): string {
    const found = keyAt(this.#text, this.#at, this.#text.length)
    if (found === null) throw new NotRead(TWO_WAYS)
    this.#at = found.next
    return checkKey(found.key)
  }

  #quoted(): string {
    const end = endOfQuoted(this.#text, this.#at)
    const quoted = this.#text.slice(this.#at, end)
    if (quoted.includes('\n')) throw new NotRead(TWO_WAYS)
    this.#at = end
    return unquoted(quoted)
  }

  #isAt(character: string): boolean {
    this.#skipSpaces()
    return this.#text[this.#at] === character
  }

  #takes(character: string): boolean {
    if (!this.#isAt(character)) return false
    this.#at += 1
    return true
  }

  #skipSpaces(): void {
    while (/[ \r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }
}
