import { isBlank, type Line, NOT_VALID, NotRead, TWO_WAYS } from './text.ts'

/** A text of whole lines behind `|` or `>`, as libyaml reads it. One that says itself how far it is indented is not read. */
export class BlockScalar {
  readonly #text: string
  readonly #lines: readonly Line[]
  readonly #folds: boolean
  readonly #chomping: string

  constructor(text: string, lines: readonly Line[], header: string) {
    if (!/^[|>][+-]?$/.test(header)) throw new NotRead(TWO_WAYS)
    this.#text = text
    this.#lines = lines
    this.#folds = header.startsWith('>')
    this.#chomping = header.slice(1)
  }

  /** From line `first` on; `indent` is that of what it belongs to. `next` is the line behind it. */
  read(first: number, indent: number): { readonly value: string; readonly next: number } {
    const own = this.#ownIndent(first, indent)
    const kept: string[] = []
    let next = first
    for (let line = this.#lines[next]; line !== undefined; line = this.#lines[next]) {
      if (!isBlank(line) && line.indent < own) break
      kept.push(this.#text.slice(Math.min(line.from - line.indent + own, line.to), line.to))
      next += 1
    }
    if (next === this.#lines.length && !this.#text.endsWith('\n')) throw new NotRead(TWO_WAYS)
    return { value: this.#joined(kept), next }
  }

  /** Of the first line with something in it. An emptier one before must not reach further. */
  #ownIndent(first: number, indent: number): number {
    let widest = 0
    for (let at = first; at < this.#lines.length; at += 1) {
      const line = this.#lines[at]
      if (line === undefined) break
      if (isBlank(line)) widest = Math.max(widest, line.indent)
      else if (line.indent <= indent) break
      else if (widest > line.indent) throw new NotRead(NOT_VALID)
      else return line.indent
    }
    if (widest > indent + 1) throw new NotRead(TWO_WAYS)
    return indent + 1
  }

  #joined(lines: readonly string[]): string {
    let end = lines.length
    while (end > 0 && lines[end - 1] === '') end -= 1
    const content = lines.slice(0, end)
    const text = this.#folds ? folded(content) : content.join('\n')
    if (this.#chomping === '-') return text
    if (this.#chomping === '+') return `${text}${'\n'.repeat(lines.length - end + (end > 0 ? 1 : 0))}`
    return end > 0 ? `${text}\n` : ''
  }
}

/** Line ends between two lines that do not begin with a space are one space, or one less than there are. */
function folded(lines: readonly string[]): string {
  const parts: string[] = []
  let empty = 0
  let before: string | undefined
  for (const line of lines) {
    if (line === '') {
      empty += 1
      continue
    }
    if (before === undefined) parts.push('\n'.repeat(empty))
    else if (isIndented(before) || isIndented(line)) parts.push('\n'.repeat(empty + 1))
    else parts.push(empty === 0 ? ' ' : '\n'.repeat(empty))
    parts.push(line)
    before = line
    empty = 0
  }
  return parts.join('')
}

function isIndented(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t')
}
