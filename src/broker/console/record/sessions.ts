import { numberOf, type Row, textOf, timeOf } from '../../../record/queries/cells.ts'
import { type Listed, lookAtPage } from './look.ts'
import type { ConsoleRecord } from './record.ts'

/** One exec, attach or port-forward that was asked for. */
export interface Session {
  /** Names it for `leasegate sessions`. */
  readonly auditId: string
  readonly at: number
  readonly agent: string
  readonly sponsor: string
  readonly lease: string
  /** `exec`, `attach` or `portforward`. */
  readonly kind: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly command: string
  readonly ports: string
  readonly stdin: boolean
  readonly tty: boolean
  readonly decision: string
  readonly reason: string
  readonly state: string
  /** Null while it runs, and where its end is not known. */
  readonly endedAt: number | null
  readonly durationMs: number | null
  readonly endReason: string
  readonly exitCode: number | null
}

/** Newest first. */
export function sessions(record: ConsoleRecord | null, agent: string, skip: number): Promise<Listed<Session>> {
  return lookAtPage(record, 'exec-sessions', { since: '7d', agent }, { skip, toItem: toSession })
}

function toSession(row: Row): Session {
  return {
    auditId: textOf(row, 'audit_id'),
    at: timeOf(row, 'time') ?? 0,
    agent: textOf(row, 'agent'),
    sponsor: textOf(row, 'sponsor'),
    lease: textOf(row, 'lease'),
    kind: textOf(row, 'kind'),
    namespace: textOf(row, 'namespace'),
    pod: textOf(row, 'pod'),
    container: textOf(row, 'container'),
    command: textOf(row, 'command'),
    ports: textOf(row, 'ports'),
    stdin: textOf(row, 'stdin') === 'true',
    tty: textOf(row, 'tty') === 'true',
    decision: textOf(row, 'decision'),
    reason: textOf(row, 'reason'),
    state: textOf(row, 'state'),
    endedAt: timeOf(row, 'ended_at'),
    durationMs: numberOf(row, 'duration_ms'),
    endReason: textOf(row, 'end_reason'),
    exitCode: numberOf(row, 'exit_code'),
  }
}
