import type { Principal } from '../../identity/caller.ts'
import { textOf } from '../../record/queries/cells.ts'
import { printable } from '../../support/printable.ts'
import { findApproval } from '../approvals/approval-routes.ts'
import { StatusError } from '../http/status.ts'
import type { BrokerParts } from '../parts.ts'
import type { RequestRow } from './request-row.ts'

/** The question that a request waits for, was refused by, or was let through by. */
export interface AskedApproval {
  readonly id: string
  /** pending, approved, rejected, used, expired; unknown where neither store nor record say. */
  readonly state: string
  readonly decidedBy: string
  /** In words of who said no. */
  readonly why: string
  /** Epoch milliseconds; null where that is not known any more. */
  readonly endsAt: number | null
}

/** From the store, which forgets; then from the record. */
export async function approvalOf(row: RequestRow, principal: Principal, parts: BrokerParts): Promise<AskedApproval> {
  const { approval: id } = row
  const found = await findApproval(id, principal, parts).catch(error => {
    if (error instanceof StatusError && error.code === 404) return null
    throw error
  })
  if (found === null) return recorded(row, parts)
  const { state, decidedBy, why, endsAt } = found
  return { id, state, decidedBy: printable(decidedBy), why: printable(why), endsAt }
}

async function recorded({ approval: id, lease }: RequestRow, { record }: BrokerParts): Promise<AskedApproval> {
  const told = await record?.ask('lease-approvals', { lease, most: '1000' })
  const row = told?.kind === 'rows' ? told.rows.find(one => textOf(one, 'approval') === id) : undefined
  const answer = row === undefined ? '' : textOf(row, 'answer')
  const isUsed = row !== undefined && textOf(row, 'used_at') !== ''
  const state = isUsed ? 'used' : answer === '' ? 'expired' : answer
  return {
    id,
    state: row === undefined ? 'unknown' : state,
    decidedBy: row === undefined ? '' : printable(textOf(row, 'answered_by')),
    why: '',
    endsAt: null,
  }
}
