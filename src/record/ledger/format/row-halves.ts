import { hash } from 'node:crypto'
import type { Row, Table } from '../../record-sink.ts'
import { decisionCells, outcomeCells } from './busy-halves.ts'

/** What is hashed on its own: a half of a request, or an event. */
export type HalfKind =
  | 'decision'
  | 'outcome'
  | 'gone'
  | 'lease'
  | 'approval'
  | 'hold'
  | 'stop'
  | 'refusal'
  | 'refusals'
  | 'session'

export interface Half {
  readonly kind: HalfKind
  /** Of the row's own time, which retention goes by; epoch milliseconds. */
  readonly at: number
  /** Names the row among those of its kind; without spaces. */
  readonly id: string
  /** SHA-256 of its canonical bytes, base64url. */
  readonly hash: string
}

type Values = Readonly<Record<string, unknown>>

interface Shape {
  readonly table: Table
  /** What makes a row of the table one of this kind. */
  readonly has: string
  /** First the time of the row, then the rest of its key. */
  readonly key: readonly [time: string, ...rest: string[]]
  /** The rest of what is hashed, in this order. A column more would be a kind more: what was hashed stays as it was. */
  readonly columns: readonly string[]
  /** Part of the key that is shown; people's names and addresses are not. */
  readonly shown: (values: Values) => string
}

const REQUEST = ['decided_at', 'agent', 'lease', 'audit_id'] as const
const auditId = (values: Values): string => String(values['audit_id'])

/** docs/trust.md shows this to auditors; test/record/ledger compares both with the tables. */
export const SHAPES = {
  decision: {
    table: 'request_halves',
    has: 'decision',
    key: REQUEST,
    columns: [
      ...['sponsor', 'task', 'task_reason', 'ticket', 'template', 'policy_revision', 'method', 'path', 'readable'],
      ...['is_resource', 'verb', 'api_group', 'api_version', 'resource', 'subresource', 'namespace', 'name'],
      ...['field_selector', 'label_selector', 'command', 'runs', 'container', 'ports', 'stdin', 'tty', 'dry_run'],
      ...['propagation_policy', 'force', 'grace_period_seconds', 'field_manager', 'masked', 'decision', 'reason'],
      ...['detail', 'rule', 'risk', 'approval', 'source', 'user_agent', 'kubectl_command', 'kubectl_session', 'risks'],
    ],
    shown: auditId,
  },
  // As it ended. What is told of an open stream meanwhile is overtaken by the next report, and leaves `seen_at` behind.
  outcome: {
    table: 'request_halves',
    has: 'ended_at',
    key: REQUEST,
    columns: [
      ...['started_at', 'ended_at', 'status', 'duration_ms', 'boundary_us', 'bytes_in', 'bytes_out', 'forwarded'],
      ...['flags', 'details', 'exit_code', 'seen_method', 'seen_path', 'seen_source', 'seen_user_agent'],
    ],
    shown: auditId,
  },
  gone: { table: 'request_halves', has: 'gone_at', key: REQUEST, columns: ['gone_at'], shown: auditId },
  lease: {
    table: 'lease_events',
    has: 'event',
    key: ['at', 'lease', 'event'],
    columns: [
      ...['agent', 'sponsor', 'task', 'task_reason', 'ticket', 'template', 'namespaces', 'scope', 'expires_at', 'by'],
      ...['reason', 'parameters', 'ancestors', 'narrowing', 'delegated_by'],
    ],
    shown: values => `${values['lease']}/${values['event']}${values['narrowing'] ? `/${values['narrowing']}` : ''}`,
  },
  approval: {
    table: 'approval_events',
    has: 'event',
    key: ['at', 'approval', 'event', 'voice'],
    columns: ['lease', 'agent', 'by', 'summary', 'reason', 'changes'],
    shown: values => `${values['approval']}/${values['event']}${mark(values['voice'])}`,
  },
  hold: {
    table: 'hold_events',
    has: 'event',
    key: ['at', 'agent', 'event'],
    columns: ['by', 'reason', 'until'],
    shown: values => `${values['event']}${mark([values['agent'], values['at']])}`,
  },
  stop: {
    table: 'stop_events',
    has: 'event',
    key: ['at', 'subject', 'name', 'event'],
    columns: ['by', 'reason'],
    // A name may be a person's.
    shown: values => `${values['event']}${mark([values['subject'], values['name'], values['at']])}`,
  },
  refusal: {
    table: 'broker_refusals',
    has: 'id',
    key: ['at', 'id'],
    columns: ['agent', 'person', 'what', 'status', 'reason', 'source'],
    shown: values => String(values['id']),
  },
  refusals: {
    table: 'refusal_summaries',
    has: 'minute',
    key: ['minute', 'source'],
    columns: ['count'],
    shown: values => `${values['minute']}${mark(values['source'])}`,
  },
  // How it ended; the hash stands for each of its chunks.
  session: {
    table: 'session_ends',
    has: 'audit_id',
    key: ['started_at', 'audit_id'],
    columns: ['lease', 'ended_at', 'why', 'chunks', 'bytes', 'stored', 'hash'],
    shown: auditId,
  },
} as const satisfies Record<HalfKind, Shape>

/** A text or list of nothing, or no value at all. */
type Nothing = '' | null | readonly []

/**
 * Columns that a kind did not have at first, by the version that brought them, with what one has that says nothing. A row that says nothing in those of a
 * version and of all after it is hashed as it was before: old rows keep their hashes. Another column is another version.
 */
const LATER: Partial<Record<HalfKind, readonly Readonly<Record<string, Nothing>>[]>> = {
  approval: [{ changes: '' }],
  decision: [{ risks: null }],
  lease: [{ parameters: '', ancestors: [], narrowing: '' }, { delegated_by: '' }],
}

interface Written {
  readonly kind: HalfKind
  readonly shape: Shape
  readonly later: readonly (readonly (readonly [column: string, nothing: Nothing])[])[]
  /** Of each version, the first one first. */
  readonly orders: readonly (readonly string[])[]
}

/** Worked out once: a busy tap writes thousands of rows a second. */
const KINDS = (Object.entries(SHAPES) as [HalfKind, Shape][]).map(([kind, shape]): Written => {
  const later = (LATER[kind] ?? []).map(columns => Object.entries(columns))
  const all = [...shape.key, ...shape.columns]
  const orders = [...later.keys(), later.length].map(version => {
    const left = new Set(later.slice(version).flatMap(columns => columns.map(([column]) => column)))
    return all.filter(column => !left.has(column))
  })
  return { kind, shape, later, orders }
})
const BY_KIND = Object.fromEntries(KINDS.map(written => [written.kind, written])) as Record<HalfKind, Written>
const BY_TABLE = Map.groupBy(KINDS, ({ shape }) => shape.table)

/** What a row says, half by half: of a row that goes in as of one that ClickHouse gives back, merged or not. */
export function halvesOf({ table, values }: Pick<Row, 'table'> & { readonly values: Values }): readonly Half[] {
  const halves: Half[] = []
  for (const written of BY_TABLE.get(table) ?? []) {
    if (has(written, values)) halves.push(toHalf(written, values))
  }
  return halves
}

/** Whether a row says anything that is hashed. */
export function hasHalves({ table, values }: Row): boolean {
  return BY_TABLE.get(table)?.some(written => has(written, values)) ?? false
}

function has({ shape }: Written, values: Values): boolean {
  return (values[shape.has] ?? null) !== null
}

function toHalf({ kind, shape }: Written, values: Values): Half {
  return {
    kind,
    at: timeOf(values[shape.key[0]]),
    id: encodeURIComponent(shape.shown(values)),
    hash: hash('sha256', canonical(kind, values), 'base64url'),
  }
}

/**
 * One JSON array without spaces, as RFC 8785 writes it: its kind, the key, the columns; times and texts as ClickHouse prints them,
 * null for what is not there. The order says which is which, and JSON ends each text by itself: two rows never come to the same bytes.
 */
export function canonical(kind: HalfKind, values: Values): string {
  const version = versionOf(kind, values)
  const name = `leasegate/${kind}/${version}`
  if (kind === 'outcome') return JSON.stringify(outcomeCells(name, values))
  if (kind === 'decision' && version === 1) return JSON.stringify(decisionCells(name, values))
  const cells = (BY_KIND[kind].orders[version - 1] ?? []).map(column => values[column] ?? null)
  return JSON.stringify([name, ...cells])
}

function versionOf(kind: HalfKind, values: Values): number {
  const { later } = BY_KIND[kind]
  for (let version = later.length; version > 0; version -= 1) {
    const columns = later[version - 1] ?? []
    if (columns.some(([column, nothing]) => !isNothing(values[column], nothing))) return version + 1
  }
  return 1
}

function isNothing(value: unknown, nothing: Nothing): boolean {
  return (
    value === undefined || value === nothing || (Array.isArray(nothing) && Array.isArray(value) && value.length === 0)
  )
}

/** Of `2026-11-29 10:00:00.000`, in UTC; to the second where the column says no more. */
function timeOf(value: unknown): number {
  const text = String(value)
  const minute = text.slice(0, 'YYYY-MM-DD hh:mm'.length)
  if (minute !== lastMinute.text) lastMinute = { text: minute, at: Date.parse(`${minute.replace(' ', 'T')}Z`) }
  return lastMinute.at + Math.round(Number(text.slice(minute.length + 1)) * 1000)
}

/** Rows that come together are of the same minute, and reading a time is slow. */
let lastMinute = { text: '', at: Number.NaN }

/** Tells one from another without saying who it is. */
function mark(value: unknown): string {
  return value === '' ? '' : `/${hash('sha256', JSON.stringify(value), 'base64url').slice(0, 12)}`
}
