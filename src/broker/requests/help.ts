import { denialMessage } from '../../denial/denial-message.ts'
import { DENIALS, MENDED_BY_A_LEASE } from '../../denial/denials.ts'
import type { Denied } from '../../denial/denied.ts'
import type { EXPLAINED_REQUEST } from '../../denial/explained-request.ts'
import type { DenyReason } from '../../policy/judge/verdict.ts'
import { anotherOption } from '../../policy/template/commands/command-options.ts'
import { requestCommand } from '../../policy/template/commands/request-command.ts'
import { sameAgain, type WayIn } from '../../policy/template/ways-in.ts'
import { lackingRules } from '../../policy/why/lacking-rules.ts'
import { type LikelyWay, likelyWays } from '../../policy/why/likely-ways.ts'
import type { Shown } from '../http/operation.ts'
import type { AskedApproval } from './approval-of.ts'
import type { Reconstructed } from './reconstruct.ts'

/** Something that would let the request pass. */
export type Help = Shown<typeof EXPLAINED_REQUEST>['help'][number]

/** How it ended; another lease of the same task goes on. */
const ENDED: ReadonlySet<DenyReason> = new Set(['lease-expired', 'lease-revoked', 'budget-spent'])

export function helpOf(known: Reconstructed, approval: AskedApproval | null): readonly Help[] {
  const reason = reasonOf(known)
  if (reason === null) return []
  if (approval !== null) return ofApproval(approval)
  const ways = waysOf(known, reason)
  if (ways.length > 0) return ways.map(toHelp)
  return MENDED_BY_A_LEASE.has(reason) ? ofPlatform(known, reason) : []
}

/** In the words of the boundary, and with what the policy of today has to offer; '' where it was let through. */
export function messageOf(known: Reconstructed, approval: AskedApproval | null): string {
  const reason = reasonOf(known)
  if (reason === null) return ''
  const { row, lease, readings } = known
  const [request = null] = readings?.requests ?? []
  const denied: Denied = {
    kind: 'deny',
    key: { auditId: row.auditId, decidedAt: row.decidedAt, agent: lease.agent, lease: lease.id },
    reason,
    detail: row.detail,
    request,
    lease: row.lease === '' ? null : lease,
    approval: approval?.id ?? null,
    ways: waysOf(known, reason).map(({ way }) => way),
    instead: request === null ? '' : anotherOption(row.kubectlCommand, request),
  }
  return denialMessage(denied)
}

/** Null where it was let through, or for a reason of another version. */
function reasonOf({ row: { recorded } }: Reconstructed): DenyReason | null {
  if (recorded.decision === 'allow') return null
  const reason = recorded.decision === 'pending' ? 'approval-pending' : recorded.reason
  return Object.hasOwn(DENIALS, reason) ? (reason as DenyReason) : null
}

function waysOf(known: Reconstructed, reason: DenyReason): readonly LikelyWay[] {
  const { row, lease, state, above, readings, policy } = known
  if (ENDED.has(reason)) {
    const isLive = state?.kind === 'active'
    const way = reason === 'budget-spent' && isNone(known) ? null : sameAgain(policy, lease, isLive ? 'live' : 'ended')
    return way === null ? [] : [{ way, isSure: true }]
  }
  if (!MENDED_BY_A_LEASE.has(reason) || readings === null) return []
  return likelyWays({ readings, command: row.kubectlCommand, lease, above, policy })
}

/** A new lease has none of it either. */
function isNone({ row, lease, policy }: Reconstructed): boolean {
  const budgets: Readonly<Record<string, number>> =
    policy.templates.find(({ name }) => name === lease.template)?.budgets ?? {}
  return budgets[row.detail] === 0
}

function toHelp({ way, isSure }: LikelyWay): Help {
  if (way.kind === 'held') return ofHeld(way)
  const usual = { lacks: '', wantsTicket: false, wantsConsent: false, parameters: {} }
  return { ...usual, ...way, kind: 'lease', sure: isSure, command: requestCommand(way) }
}

function ofHeld({ lease, template }: Extract<WayIn, { readonly kind: 'held' }>): Help {
  return { kind: 'held', lease, template, command: `leasegate kubeconfig --lease ${lease}` }
}

function ofApproval({ id, state }: AskedApproval): readonly Help[] {
  if (state !== 'pending' && state !== 'approved') return []
  return [{ kind: 'approval', approval: id, command: `leasegate approvals wait ${id}` }]
}

function ofPlatform({ row, lease, readings }: Reconstructed, reason: DenyReason): readonly Help[] {
  const { template, risk } = row.recorded
  if (reason === 'dangerous') {
    return [{ kind: 'platform', template, namespaces: [], rules: [], dangerous: [risk], notes: [] }]
  }
  const [request] = readings?.requests ?? []
  // What nobody can say yes to is no rule that is lacking.
  if (request === undefined || reason === 'too-risky') return []
  const { rules, namespaces, notes } = lackingRules(request, lease)
  return [{ kind: 'platform', template, namespaces, rules, dangerous: [], notes }]
}
