import { numberOf, type Row, textOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Item } from '../../document.ts'
import type { Part } from '../lease-report.ts'
import { item, leftOut, lines, run, timesText, wordsOf } from '../words.ts'

export function denialBlocks({ rows, total }: Part, lease: string): readonly Block[] {
  if (rows.length === 0) return [{ kind: 'note', line: ['Nothing was refused.'] }]
  return [
    { kind: 'items', items: rows.map(toItem) },
    ...leftOut(rows.length, total, 'refusals', `lease-denials --lease ${lease}`),
  ]
}

function toItem(row: Row): Item {
  const [command, detail] = ['command', 'detail'].map(column => textOf(row, column))
  return item(timeOf(row, 'first_at'), [wordsOf(row, 'what')], {
    mark: { word: 'refused', tone: 'bad' },
    ran: command === '' || command === undefined ? [] : [run(command)],
    details: lines(
      [wordsOf(row, 'reason'), ...(detail === '' ? [] : [': ', wordsOf(row, 'detail')])],
      timesText(row, numberOf(row, 'times') ?? 1),
    ),
  })
}
