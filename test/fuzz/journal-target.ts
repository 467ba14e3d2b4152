import { isPoison } from '../../src/record/journal/journal.ts'
import { parseJournalItem } from '../../src/record/journal/parse-journal-item.ts'
import { aDecision, aLeaseEvent } from '../record/a-journal-entry.ts'
import type { Target } from './fuzz.ts'

const SECRET = 'hunter2'
const SETTLED = '{"decision":"allow","reason":"","approval":""}'

/** Items of the journal: entry and what was settled, with an empty line between. */
export function journalTarget(): Target {
  return {
    name: 'journal',
    seeds: seeds().map(text => Buffer.from(text)),
    run: bytes => {
      const [entry = '', settled = null] = Buffer.from(bytes).toString('utf8').split('\n\n')
      const item = { stream: '00', id: '1-1', entry, settled }
      const parsed = parseJournalItem(item)
      if (JSON.stringify(parsed) !== JSON.stringify(parseJournalItem(item)))
        throw new Error('read twice, it is two items')
      if (!isPoison(parsed)) return [parsed.entry.kind, parsed.settled?.decision].join(' ')
      if (parsed.problem.includes(SECRET)) throw new Error('a value in a problem')
      if (parsed.problem.length > 1000) throw new Error('a problem without end')
      return parsed.problem.replace(/\d+/g, '#').slice(0, 80)
    },
  }
}

function seeds(): readonly string[] {
  const entries = [
    aDecision({ userAgent: SECRET, path: `/${SECRET}` }),
    aDecision({ info: null, intent: 'deny', detail: SECRET }),
    aLeaseEvent(),
    { kind: 'refusals', source: '*', minute: 0, count: 3 },
    { kind: 'approval', event: 'rejected', at: 1, approval: 'a', lease: 'l', agent: SECRET, by: 'y', summary: 's' },
  ]
  return entries.flatMap(entry => [`${JSON.stringify(entry)}\n\n${SETTLED}`, JSON.stringify(entry)])
}
