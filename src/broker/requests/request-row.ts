import { z } from 'zod'
import { LEASE } from '../../identity/token/lease-claims.ts'
import type { Scope } from '../../lease/lease.ts'
import type { Recorded } from '../../policy/replay/recorded.ts'
import { RECORDED_COLUMNS, toRecorded } from '../../record/queries/recorded-row.ts'
import type { ConsoleRecord } from '../console/record/record.ts'
import { recordAway } from './ask-record.ts'

/** One request as the record has it, with what its lease was issued with. */
export interface RequestRow {
  readonly recorded: Recorded
  readonly auditId: string
  /** Epoch milliseconds. */
  readonly decidedAt: number
  readonly what: string
  readonly sponsor: string
  /** '' for none. */
  readonly lease: string
  readonly task: string
  readonly taskReason: string
  readonly detail: string
  /** All, worst first. */
  readonly risks: readonly string[]
  readonly approval: string
  readonly policyRevision: string
  readonly state: string
  readonly status: number
  readonly endReason: string
  readonly kubectlCommand: string
  /** Null where it is not on record. */
  readonly scope: Scope | null
  readonly ancestors: readonly string[]
}

const SCOPE = z.string().transform(text => {
  const scope = LEASE.shape.scope.parse(JSON.parse(text === '' ? '[]' : text))
  return scope.length === 0 ? null : scope
})

const ROW = z
  .object({
    ...RECORDED_COLUMNS,
    audit_id: z.string(),
    decided_ms: z.coerce.number(),
    what: z.string(),
    sponsor: z.string(),
    lease: z.string(),
    task: z.string(),
    task_reason: z.string(),
    detail: z.string(),
    risks: z.array(z.string()),
    approval: z.string(),
    policy_revision: z.string(),
    state: z.string(),
    status: z.number(),
    end_reason: z.string(),
    kubectl_command: z.string(),
    scope: SCOPE,
    ancestors: z.array(z.string()),
  })
  .transform(
    (row): RequestRow => ({
      recorded: toRecorded(row),
      auditId: row.audit_id,
      decidedAt: row.decided_ms,
      what: row.what,
      sponsor: row.sponsor,
      lease: row.lease,
      task: row.task,
      taskReason: row.task_reason,
      detail: row.detail,
      risks: row.risks,
      approval: row.approval,
      policyRevision: row.policy_revision,
      state: row.state,
      status: row.status,
      endReason: row.end_reason,
      kubectlCommand: row.kubectl_command,
      scope: row.scope,
      ancestors: row.ancestors,
    }),
  )

/** Null: not there, or not yet. */
export async function readRequest(record: ConsoleRecord, auditId: string): Promise<RequestRow | null> {
  const told = await record.ask('request', { audit_id: auditId })
  if (told.kind === 'none') throw recordAway(told.why)
  const [row] = told.rows
  return row === undefined ? null : ROW.parse(row)
}
