import { type Row, textOf, textsOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Fact, Line } from '../../document.ts'
import { lastedText, timeText } from '../../times.ts'
import { item, list, wordsOf } from '../words.ts'
import { scopeLines } from './scope.ts'

/** Who, for what, from when to when, and how it ended. */
export function whoBlocks(lease: Row, now: number): readonly Block[] {
  const issued = timeOf(lease, 'issued_at')
  const facts: readonly (Fact | null)[] = [
    fact('Agent', [wordsOf(lease, 'agent')]),
    ifSaid(lease, 'delegated_by', 'Handed to it by'),
    ifSaid(lease, 'sponsor', 'On behalf of'),
    ifSaid(lease, 'task', 'Task'),
    ifSaid(lease, 'task_reason', 'Reason it gave'),
    ifSaid(lease, 'ticket', 'Ticket'),
    fact('Template', [wordsOf(lease, 'template'), ...where(textsOf(lease, 'namespaces'))]),
    issued === null ? null : fact('Begun', [timeText(issued)]),
    fact('Ended', howItEnded(lease, issued, now)),
  ]
  return [{ kind: 'facts', facts: facts.filter(one => one !== null) }]
}

/** What it allowed. */
export function scopeBlocks(lease: Row): readonly Block[] {
  const granted = scopeLines(textOf(lease, 'scope'))
  if (granted.length === 0) return [{ kind: 'note', line: ['The record does not say it.'] }]
  return [{ kind: 'items', items: granted.map(line => item(null, line)) }]
}

function howItEnded(lease: Row, issued: number | null, now: number): Line {
  const expires = timeOf(lease, 'expires_at') ?? now
  const after = (at: number): string => (issued === null ? '' : `, after ${lastedText(Math.max(0, at - issued))}`)
  const revoked = timeOf(lease, 'revoked_at')
  if (revoked !== null) {
    const why = textOf(lease, 'reason')
    const by: Line = ['by ', wordsOf(lease, 'revoked_by'), ` at ${timeText(revoked)}${after(revoked)}`]
    return why === '' ? by : [...by, ': “', wordsOf(lease, 'reason'), '”']
  }
  if (expires <= now) return [`by itself at ${timeText(expires)}${after(expires)}`]
  return [`it is live, and ends by itself at ${timeText(expires)}`]
}

function where(namespaces: readonly string[]): Line {
  return namespaces.length === 0 ? [] : [' in ', ...list(namespaces)]
}

function ifSaid(row: Row, column: string, name: string): Fact | null {
  return textOf(row, column) === '' ? null : fact(name, [wordsOf(row, column)])
}

function fact(name: string, value: Line): Fact {
  return { name, value }
}
