export const MAX_COLUMNS = 4096

/** Cells that may be moved, blanked or made out of nothing for each character that comes, and at once: a sequence of three must not cost thousands. */
const WORK_EACH = 16
const MOST_WORK = 2 ** 20

const BLANKS: readonly string[] = Array.from({ length: MAX_COLUMNS }, () => ' ')

/**
 * What stands in the cells of a line, at a cost that grows with what is shown, whatever is shown: an edit that would exceed it is not made.
 * Line editors come nowhere near.
 */
export class LineCells {
  #cells: string[] = []
  /** As a text, until another character stands there. */
  #text: string | null = ''
  #changes = 0
  #work = MOST_WORK

  get length(): number {
    return this.#cells.length
  }

  get text(): string {
    this.#text ??= this.#cells.join('')
    return this.#text
  }

  /** Grows with each change. */
  get changes(): number {
    return this.#changes
  }

  from(column: number, to?: number): string {
    return this.#cells.slice(column, to).join('')
  }

  /** A character came. */
  earn(): void {
    if (this.#work < MOST_WORK) this.#work += WORK_EACH
  }

  put(column: number, character: string): void {
    if (column >= MAX_COLUMNS || this.#cells[column] === character) return
    const missing = column - this.#cells.length
    if (missing > 0) {
      if (!this.#afford(missing)) return
      this.#cells.push(...BLANKS.slice(0, missing))
    }
    this.#cells[column] = character
    this.#changed()
  }

  insert(column: number, count: number): void {
    const behind = this.#cells.length - column
    const blanks = Math.min(count, MAX_COLUMNS - column)
    if (behind <= 0 || blanks <= 0 || !this.#afford(behind + blanks)) return
    this.#cells.splice(column, 0, ...BLANKS.slice(0, blanks))
    if (this.#cells.length > MAX_COLUMNS) this.#cells.length = MAX_COLUMNS
    this.#changed()
  }

  remove(column: number, count: number): void {
    const behind = this.#cells.length - column
    if (behind <= 0 || !this.#afford(behind)) return
    this.#cells.splice(column, count)
    this.#changed()
  }

  blankBefore(column: number): void {
    const to = Math.min(column, this.#cells.length)
    if (to <= 0 || !this.#afford(to)) return
    this.#cells.fill(' ', 0, to)
    this.#changed()
  }

  cutAt(column: number): void {
    if (column >= this.#cells.length) return
    this.#cells.length = column
    this.#changed()
  }

  clear(): void {
    this.#cells = []
    this.#text = ''
    this.#changes += 1
  }

  #changed(): void {
    this.#text = null
    this.#changes += 1
  }

  #afford(cells: number): boolean {
    if (cells > this.#work) return false
    this.#work -= cells
    return true
  }
}
