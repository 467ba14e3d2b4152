import { numberOf, type Row, textOf } from '../../../queries/cells.ts'
import type { Block, Figure } from '../../document.ts'
import { item, words } from '../words.ts'

/** How much was asked for under a lease. */
export interface Counts {
  readonly requests: number
  readonly denied: number
  /** Requests that waited for a yes. */
  readonly pending: number
  readonly sessions: number
  /** By kind and namespace, the most frequent first. */
  readonly reads: readonly { readonly what: string; readonly requests: number }[]
}

const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
/** Kinds of reads that are named. */
const MOST_READS = 20

export function countsOf(actions: readonly Row[]): Counts {
  const sum = (rows: readonly Row[]): number => rows.reduce((all, row) => all + (numberOf(row, 'requests') ?? 0), 0)
  const decided = (decision: string) => actions.filter(row => textOf(row, 'decision') === decision)
  const allowed = decided('allow')
  const reads = Map.groupBy(allowed.filter(isRead), readOf)
  return {
    requests: sum(actions),
    denied: sum(decided('deny')),
    pending: sum(decided('pending')),
    sessions: sum(allowed.filter(row => STREAMS.has(textOf(row, 'subresource')))),
    reads: [...reads]
      .map(([what, rows]) => ({ what, requests: sum(rows) }))
      .toSorted((one, other) => other.requests - one.requests),
  }
}

function isRead(row: Row): boolean {
  const isQuestion = textOf(row, 'resource').endsWith('reviews')
  const isPlain = READS.has(textOf(row, 'verb')) && !STREAMS.has(textOf(row, 'subresource'))
  return textOf(row, 'is_resource') === 'false' || isQuestion || isPlain
}

function readOf(row: Row): string {
  const [resource, group, sub, namespace] = ['resource', 'api_group', 'subresource', 'namespace'].map(column =>
    textOf(row, column),
  )
  if (textOf(row, 'is_resource') === 'false') return 'what the API server is and has'
  if (resource?.endsWith('reviews')) return 'its own rights'
  const kind = `${resource}${group === '' ? '' : `.${group}`}${sub === '' ? '' : `/${sub}`}`
  return namespace === '' ? kind : `${kind} in ${namespace}`
}

function named(count: number, name: string): string {
  return count === 1 ? name : `${name}s`
}

export function figures(counts: Counts, objects: number, questions: number): Block {
  const all: readonly Figure[] = [
    { count: counts.requests, name: named(counts.requests, 'request'), tone: 'plain' },
    { count: objects, name: `${named(objects, 'object')} changed`, tone: 'plain' },
    { count: counts.sessions, name: named(counts.sessions, 'session'), tone: 'plain' },
    { count: questions, name: `${named(questions, 'question')} to people`, tone: questions > 0 ? 'asked' : 'plain' },
    { count: counts.denied, name: 'refused', tone: counts.denied > 0 ? 'bad' : 'plain' },
  ]
  return { kind: 'figures', figures: all }
}

export function readBlocks({ reads }: Counts): readonly Block[] {
  if (reads.length === 0) return [{ kind: 'note', line: ['Nothing.'] }]
  const shown = reads.slice(0, MOST_READS)
  const more = reads.slice(MOST_READS)
  const rest = more.reduce((all, { requests }) => all + requests, 0)
  return [
    {
      kind: 'items',
      items: shown.map(({ what, requests }) =>
        item(null, [words(what), `: ${requests} ${requests === 1 ? 'time' : 'times'}`]),
      ),
    },
    ...(rest === 0 ? [] : [{ kind: 'note', line: [`and ${more.length} other kinds, ${rest} times`] } as const]),
  ]
}
