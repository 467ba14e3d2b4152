import { numberOf, type Row, textOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Item, Line, Mark } from '../../document.ts'
import type { Part } from '../lease-report.ts'
import { item, leftOut, lines, run, wordsOf } from '../words.ts'

const MARKS: Readonly<Record<string, Mark>> = {
  allow: { word: 'allowed', tone: 'plain' },
  deny: { word: 'refused', tone: 'bad' },
  pending: { word: 'asked', tone: 'asked' },
  none: { word: 'not read', tone: 'bad' },
}

/** One thing after the other; what was tried again at once is one line. */
export function storyBlocks({ rows, total }: Part, lease: string): readonly Block[] {
  if (rows.length === 0) return [{ kind: 'note', line: ['Nothing.'] }]
  return [
    { kind: 'items', items: together(rows).map(toItem) },
    ...leftOut(rows.length, total, 'events', `lease-timeline --lease ${lease}`),
  ]
}

function together(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: Row[][] = []
  for (const row of rows) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && sameOf(last[0]) === sameOf(row)) last.push(row)
    else groups.push([row])
  }
  return groups
}

function sameOf(row: Row): string {
  return JSON.stringify(
    ['what', 'command', 'decision', 'reason', 'approval', 'status'].map(column => textOf(row, column)),
  )
}

function toItem(rows: readonly Row[]): Item {
  const [row = {}] = rows
  const command = textOf(row, 'command')
  return item(timeOf(row, 'time'), [wordsOf(row, 'what')], {
    mark: MARKS[textOf(row, 'decision')] ?? null,
    ran: command === '' ? [] : [run(command)],
    details: lines([
      ...why(row),
      ...(rows.length === 1 ? [] : [`${why(row).length > 0 ? ', ' : ''}${rows.length} times`]),
    ]),
  })
}

function why(row: Row): Line {
  const [reason, end, exit] = ['reason', 'end_reason', 'exit_code'].map(column => textOf(row, column))
  const status = numberOf(row, 'status') ?? 0
  if (textOf(row, 'decision') !== 'allow') return reason === '' ? [] : [wordsOf(row, 'reason')]
  const isPlain = end === '' || end === 'completed' || end === 'denied'
  const parts: readonly Line[] = [
    status > 0 ? [`HTTP ${status}`] : [],
    isPlain ? [] : [wordsOf(row, 'end_reason')],
    exit === '' ? [] : [`exit code ${numberOf(row, 'exit_code')}`],
  ]
  return parts.filter(part => part.length > 0).flatMap((part, index) => (index === 0 ? part : [', ', ...part]))
}
