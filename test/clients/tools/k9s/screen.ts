const ESCAPE = String.fromCodePoint(0x1b)
const BELL = String.fromCodePoint(0x07)
/** CSI sequences, other escapes, and any character, a control character or one that is drawn. */
const PIECE = new RegExp(
  [
    String.raw`${ESCAPE}\[([?>=]?)([\d;]*)([@-~])`,
    String.raw`${ESCAPE}\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\)`,
    `${ESCAPE}[()].`,
    `${ESCAPE}.`,
    '.',
  ].join('|'),
  'gsu',
)
/** What a piece of output ends with may go on in the next. */
const BEGUN = new RegExp(String.raw`${ESCAPE}(?:\[[?>=]?[\d;]*|\][^${BELL}${ESCAPE}]*${ESCAPE}?|[()])?$`)
const CONTROL = /^\p{Cc}/u

/** What a person sees of a program that draws: as much of a VT100 as such programs need, without colours. */
export class Screen {
  readonly #cells: string[][]
  readonly #columns: number
  #row = 0
  #column = 0
  #begun = ''

  constructor(rows: number, columns: number) {
    this.#cells = Array.from({ length: rows }, () => Array<string>(columns).fill(' '))
    this.#columns = columns
  }

  get text(): string {
    return this.#cells.map(row => row.join('').trimEnd()).join('\n')
  }

  draw(output: string): void {
    const text = this.#begun + output
    this.#begun = BEGUN.exec(text)?.[0] ?? ''
    const whole = text.slice(0, text.length - this.#begun.length)
    for (const [piece, mark, numbers = '', action] of whole.matchAll(PIECE)) {
      if (action !== undefined) this.#control(action, mark === '' ? numbers.split(';').map(Number) : null)
      else if (piece === '\r') this.#column = 0
      else if (piece === '\n') this.#row += 1
      else if (piece === '\b') this.#column -= 1
      else if (!CONTROL.test(piece)) this.#put(piece)
    }
  }

  #control(action: string, numbers: readonly number[] | null): void {
    if (numbers === null) return
    const [first = 0, second = 0] = numbers
    if (action === 'H') [this.#row, this.#column] = [Math.max(first, 1) - 1, Math.max(second, 1) - 1]
    if (action === 'C') this.#column += Math.max(first, 1)
    if (action === 'K') this.#clear(this.#row, this.#column)
    if (action === 'J') {
      const from = first === 2 ? 0 : this.#row + 1
      if (first !== 2) this.#clear(this.#row, this.#column)
      for (let row = from; row < this.#cells.length; row++) this.#clear(row, 0)
    }
  }

  #put(character: string): void {
    const row = this.#cells[this.#row]
    if (row !== undefined && this.#column < this.#columns) row[this.#column] = character
    this.#column += 1
  }

  #clear(row: number, from: number): void {
    this.#cells[row]?.fill(' ', from)
  }
}
