import type { EXPLAINED_REQUEST } from '../../denial/explained-request.ts'
import type { Principal } from '../../identity/caller.ts'
import { textOf } from '../../record/queries/cells.ts'
import { printable } from '../../support/text/printable.ts'
import { findApproval } from '../approvals/approval-routes.ts'
import type { Shown } from '../http/operation.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'
import type { RequestRow } from './request-row.ts'

/** The question that a request waits for, was refused by, or was let through by. */
export type AskedApproval = NonNullable<Shown<typeof EXPLAINED_REQUEST>['approval']>

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
