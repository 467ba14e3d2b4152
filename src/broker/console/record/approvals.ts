import { numberOf, textOf, timeOf } from '../../../record/queries/cells.ts'
import { type Listed, look } from './look.ts'
import type { ConsoleRecord } from './record.ts'

export interface Answered {
  readonly approval: string
  readonly question: string
  readonly askedAt: number | null
  /** `approved`, `rejected`, or '' while nobody answered. */
  readonly answer: string
  readonly answeredBy: string
  readonly usedAt: number | null
}

const MOST = '100'

export function leaseApprovals(record: ConsoleRecord | null, lease: string): Promise<Listed<Answered>> {
  return look(record, 'lease-approvals', { lease, most: MOST }, row => ({
    approval: textOf(row, 'approval'),
    question: textOf(row, 'question'),
    askedAt: timeOf(row, 'asked_at'),
    answer: textOf(row, 'answer'),
    answeredBy: textOf(row, 'answered_by'),
    usedAt: timeOf(row, 'used_at'),
  }))
}

/** How many questions were answered within so many seconds, and after the ones before; 0 seconds: nobody answered. */
export interface Waits {
  readonly withinS: number
  readonly approved: number
  readonly rejected: number
  readonly questions: number
}

export function approvalWaits(record: ConsoleRecord | null): Promise<Listed<Waits>> {
  return look(record, 'approval-waits', { since: '7d' }, row => ({
    withinS: numberOf(row, 'within_s') ?? 0,
    approved: numberOf(row, 'approved') ?? 0,
    rejected: numberOf(row, 'rejected') ?? 0,
    questions: numberOf(row, 'questions') ?? 0,
  }))
}
