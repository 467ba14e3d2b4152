import { numberOf, type Row, textOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Item, Line } from '../../document.ts'
import { lastedText } from '../../times.ts'
import type { Part } from '../lease-report.ts'
import { item, leftOut, lines, run, words } from '../words.ts'

const KINDS: Readonly<Record<string, string>> = { exec: 'exec', attach: 'attach', portforward: 'port-forward' }

/** What ran inside of pods, oldest first. `total`: all that there were; rows of more are the last of them. */
export function sessionBlocks(
  rows: readonly Row[],
  commands: Part | null,
  total: number,
  lease: string,
): readonly Block[] {
  const begun = rows.filter(row => textOf(row, 'decision') === 'allow')
  if (begun.length === 0) return [{ kind: 'note', line: ['None.'] }]
  const typed = Map.groupBy((commands?.rows ?? []).toReversed(), row => textOf(row, 'audit_id'))
  const items = begun.map(row => toItem(row, typed.get(textOf(row, 'audit_id')) ?? []))
  const shown = commands?.rows.length ?? 0
  return [
    ...earlier(total - begun.length, lease),
    { kind: 'items', items },
    ...leftOut(shown, commands?.total ?? 0, 'typed commands', `session-commands --since 3650d --lease ${lease}`),
    ...(commands === null ? [NOT_READ] : []),
  ]
}

function earlier(left: number, lease: string): readonly Block[] {
  if (left <= 0) return []
  const missing = `The ${left} before these are not shown here: `
  return [{ kind: 'note', line: [missing, words(`leasegate query exec-sessions --lease ${lease}`)] }]
}

const NOT_READ: Block = {
  kind: 'note',
  line: ['What was typed in them is for those who may watch sessions: whoever made this report may not.'],
}

function toItem(row: Row, typed: readonly Row[]): Item {
  const [kind, pod, namespace, container, ports] = ['kind', 'pod', 'namespace', 'container', 'ports'].map(column =>
    textOf(row, column),
  )
  const command = textOf(row, 'command')
  return item(
    timeOf(row, 'time'),
    [
      words(`${namespace}/${pod}`),
      ...(container === '' ? [] : [', container ', words(container ?? '')]),
      ...(ports === '' ? [] : [', ports ', words(ports ?? '')]),
    ],
    {
      mark: { word: KINDS[kind ?? ''] ?? 'session', tone: 'plain' },
      ran: [...(command === '' ? [] : [run(command)]), ...typed.map(each => run(`$ ${textOf(each, 'command')}`))],
      details: lines(howItEnded(row), ['audit id ', words(textOf(row, 'audit_id'))]),
    },
  )
}

function howItEnded(row: Row): Line {
  const lasted = numberOf(row, 'duration_ms')
  const state = textOf(row, 'state')
  if (state === 'open') return ['it runs now']
  const exit = textOf(row, 'exit_code')
  const end = textOf(row, 'end_reason') || state
  return [
    end === '' ? 'how it ended is not on record' : words(end),
    ...(lasted === null ? [] : [` after ${lastedText(lasted)}`]),
    ...(exit === '' ? [] : [`, exit code ${numberOf(row, 'exit_code')}`]),
  ]
}
