import { LineCells, MAX_COLUMNS } from './line-cells.ts'

const ESC = '\x1b'
/** Wider than a screen: what one sequence may cost. */
const MAX_COUNT = 512

/** Private modes of the alternate screen. */
const ALTERNATE = /^\?(?:47|1047|1049)$/

type State = 'text' | 'escape' | 'one-more' | 'csi' | 'string' | 'string-escape'

/** What the other parts of a terminal would hear of. */
export interface Heard {
  /** A line is over; its text as it stood there. */
  readonly line: (text: string) => void
  /** Of an operating system command, such as `133;A`. */
  readonly command?: (text: string) => void
}

/** The line that a terminal's cursor is in: enough to know what a shell's line editor shows, and not what a full-screen program does. */
export class ScreenLine {
  /** Of the window. A longer line goes on in the row below, and is one line all the same. */
  width = Number.POSITIVE_INFINITY
  readonly #heard: Heard
  readonly #cells = new LineCells()
  #column = 0
  /** Where the cursor's row begins in the line. */
  #row = 0
  #state: State = 'text'
  #held = ''
  #operating = false
  #alternate = false

  constructor(heard: Heard) {
    this.#heard = heard
  }

  get text(): string {
    return this.#cells.text
  }

  /** In cells: a character that is two in a text is one of them. */
  get length(): number {
    return this.#cells.length
  }

  /** Grows with each change of what stands in it. */
  get changes(): number {
    return this.#cells.changes
  }

  /** What stands there from this cell on, or up to another. */
  from(cell: number, to?: number): string {
    return this.#cells.from(cell, to)
  }

  /** A program has the whole screen, as editors and pagers do. */
  get alternate(): boolean {
    return this.#alternate
  }

  write(text: string): void {
    for (const character of text) this.#next(character)
  }

  #next(character: string): void {
    this.#cells.earn()
    if (character === ESC) {
      this.#state = this.#state === 'string' ? 'string-escape' : 'escape'
      return
    }
    if (this.#state === 'text') this.#text(character)
    else if (this.#state === 'csi') this.#csi(character)
    else if (this.#state === 'string') this.#string(character)
    else if (this.#state === 'escape') this.#escape(character)
    else if (this.#state === 'string-escape') this.#stringEscape(character)
    else this.#state = 'text'
  }

  #text(character: string): void {
    if (character === '\n') {
      this.#heard.line(this.text)
      this.#cells.clear()
      this.#home()
    } else if (character === '\r') this.#column = this.#row
    else if (character === '\b') this.#column = Math.max(this.#row, this.#column - 1)
    else if (character === '\t') this.#put('\t')
    else if (character >= ' ' && character !== '\x7f') this.#put(character)
  }

  #put(character: string): void {
    if (this.#column >= MAX_COLUMNS) return
    // Not before there is something to write there.
    if (this.#column - this.#row >= this.width) this.#row += this.width
    this.#cells.put(this.#column, character)
    this.#column += 1
  }

  #escape(character: string): void {
    this.#held = ''
    this.#operating = character === ']'
    if (character === '[') this.#state = 'csi'
    else if ('PX]^_'.includes(character)) this.#state = 'string'
    else this.#state = character >= ' ' && character <= '/' ? 'one-more' : 'text'
  }

  #csi(character: string): void {
    if (character < '@' || character > '~') {
      if (this.#held.length < 32) this.#held += character
      return
    }
    this.#state = 'text'
    if (ALTERNATE.test(this.#held) && 'hl'.includes(character)) this.#alternate = character === 'h'
    this.#edit(character, Math.min(Number(/^\d{1,5}/.exec(this.#held)?.[0] ?? 0), MAX_COUNT))
  }

  /** What line editors use; `given` is 0 where nothing is said. */
  #edit(final: string, given: number): void {
    const count = Math.max(1, given)
    if (final === 'C') this.#column = Math.min(MAX_COLUMNS, this.#column + count)
    else if (final === 'D') this.#column = Math.max(this.#row, this.#column - count)
    else if (final === 'G') this.#column = Math.min(MAX_COLUMNS, this.#row + count - 1)
    else if (final === 'A') this.#up(count)
    else if (final === 'P') this.#cells.remove(this.#column, count)
    else if (final === '@') this.#cells.insert(this.#column, Math.min(count, this.width))
    else if (final === 'K') this.#erase(given)
    else if (final === 'J' && given >= 2) this.#cells.clear()
    else if (final === 'J' && given === 0) this.#cells.cutAt(this.#column)
    else if (final === 'H') this.#home()
  }

  #home(): void {
    this.#column = 0
    this.#row = 0
  }

  /** Within the line: what stands above it is told already. */
  #up(count: number): void {
    const rows = Math.min(count, this.#row / this.width)
    if (rows < 1) return
    this.#row -= rows * this.width
    this.#column -= rows * this.width
  }

  #erase(given: number): void {
    if (given === 0) this.#cells.cutAt(this.#column)
    else if (given === 2) this.#cells.clear()
    else this.#cells.blankBefore(this.#column + 1)
  }

  #string(character: string): void {
    if (character === '\x07') this.#stringEnd()
    else if (this.#held.length < 256) this.#held += character
    else if (character === '\n') this.#state = 'text'
  }

  #stringEscape(character: string): void {
    if (character === '\\') this.#stringEnd()
    else this.#escape(character)
  }

  #stringEnd(): void {
    this.#state = 'text'
    if (this.#operating) this.#heard.command?.(this.#held)
  }
}
