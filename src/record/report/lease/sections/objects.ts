import { numberOf, type Row, textOf, textsOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Difference, Item, Line, Mark } from '../../document.ts'
import type { Part } from '../lease-report.ts'
import { item, leftOut, lines, list, run, timesText, words } from '../words.ts'

/** Each object that was changed, with the difference where somebody was asked about it. `differences`: by approval. */
export function objectBlocks(
  { rows, total }: Part,
  differences: ReadonlyMap<string, readonly Difference[]>,
  lease: string,
): readonly Block[] {
  if (rows.length === 0) return [{ kind: 'note', line: ['Nothing.'] }]
  return [
    { kind: 'items', items: rows.map(row => toItem(row, differences)) },
    ...leftOut(rows.length, total, 'objects', `lease-objects --lease ${lease}`),
  ]
}

const NOT_DONE: Mark = { word: 'not done', tone: 'bad' }

function toItem(row: Row, differences: ReadonlyMap<string, readonly Difference[]>): Item {
  const [writes, done, refused] = ['writes', 'done', 'refused'].map(column => numberOf(row, column) ?? 0)
  const approvals = textsOf(row, 'approvals')
  return item(timeOf(row, 'first_at'), whatOf(row), {
    mark: done === 0 ? NOT_DONE : { word: verbsOf(row), tone: 'plain' },
    ran: textsOf(row, 'ran').map(run),
    changes: approvals.flatMap(approval => differences.get(approval) ?? []),
    details: lines(
      timesText(row, writes ?? 0),
      outcome({ writes: writes ?? 0, done: done ?? 0, refused: refused ?? 0 }),
      approvals.length === 0 ? [] : ['with a yes: ', ...list(approvals)],
    ),
  })
}

function whatOf(row: Row): Line {
  const [kind, name, namespace] = ['kind', 'name', 'namespace'].map(column => textOf(row, column))
  return [
    words(kind ?? ''),
    ...(name === '' ? [' (several, by a selector or all)'] : [' ', words(name ?? '')]),
    ...(namespace === '' ? [] : [' in ', words(namespace ?? '')]),
  ]
}

const DONE: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'changed',
  patch: 'changed',
  delete: 'deleted',
  deletecollection: 'deleted',
}

function verbsOf(row: Row): string {
  return [...new Set(textsOf(row, 'verbs').map(verb => DONE[verb] ?? 'changed'))].join(', ')
}

function outcome({ writes, done, refused }: { writes: number; done: number; refused: number }): Line {
  const unknown = writes - done - refused
  const parts = [
    ...(refused === 0
      ? []
      : [refused === writes ? 'the API server did not do it' : `the API server did not do ${refused} of them`]),
    ...(unknown === 0 ? [] : [`how ${unknown === writes ? 'it' : `${unknown} of them`} ended is not on record`]),
  ]
  return parts.length === 0 ? [] : [parts.join('; ')]
}
