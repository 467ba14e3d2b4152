import type { Lease } from '../../lease/lease.ts'
import type { MaskRules } from '../../policy/policy.ts'
import type { ApprovalEvent } from '../../record/journal/journal-entry.ts'
import { maskText } from '../../record/mask/mask-text.ts'

interface AskedNow {
  readonly id: string
  readonly lease: Pick<Lease, 'id' | 'agent'>
  readonly summary: string
  readonly now: number
}

/** That it was asked, for the journal, JSON: no request says so yet. */
export function batchEvent({ id, lease, summary, now }: AskedNow, rules: MaskRules): string {
  const event: ApprovalEvent = {
    kind: 'approval',
    event: 'pending',
    at: now,
    approval: id,
    lease: lease.id,
    agent: lease.agent,
    by: lease.agent,
    summary: maskText(summary, rules),
    reason: '',
  }
  return JSON.stringify(event)
}
