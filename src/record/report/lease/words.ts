import { cut } from '../../journal/cut.ts'
import type { Row } from '../../queries/cells.ts'
import { textOf, timeOf } from '../../queries/cells.ts'
import type { Block, Item, Line, Said } from '../document.ts'
import { said } from '../document.ts'
import { timeText } from '../times.ts'

/** Characters of a text of somebody's, and of what ran: one long one must not push the rest away. */
const LONGEST = 500
const LONGEST_RUN = 2000

export function words(text: string): Said {
  return said(cut(text, LONGEST))
}

export function wordsOf(row: Row, column: string): Said {
  return words(textOf(row, column))
}

export function run(text: string): string {
  return cut(text, LONGEST_RUN)
}

export function item(at: number | null, line: Line, more: Partial<Item> = {}): Item {
  return { at, mark: null, line, ran: [], changes: [], details: [], ...more }
}

/** `3 times, until 2026-11-29 10:00:02 UTC`, of what has a first and a last time. */
export function timesText(row: Row, times: number): Line {
  const last = timeOf(row, 'last_at')
  return times < 2 || last === null ? [] : [`${times} times, the last at ${timeText(last)}`]
}

/** Says how much is not shown, and who tells the rest. */
export function leftOut(shown: number, total: number, name: string, query: string): readonly Block[] {
  if (total <= shown) return []
  const missing = `${total - shown} of ${total} ${name} are not shown here; the rest: `
  return [{ kind: 'note', line: [missing, words(`leasegate query ${query}`)] }]
}

/** With a comma between. */
export function list(texts: readonly string[]): Line {
  return texts.flatMap((text, index) => [...(index === 0 ? [] : [', ']), words(text)])
}

/** What is not empty. */
export function lines(...all: readonly Line[]): readonly Line[] {
  return all.filter(line => line.length > 0)
}
