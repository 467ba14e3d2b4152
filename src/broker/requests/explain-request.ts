import type { Principal } from '../../identity/caller.ts'
import type { Rule } from '../../lease/lease.ts'
import { judgeSent } from '../../policy/judge-sent.ts'
import { SAYINGS, type Saying } from '../../policy/replay/recorded.ts'
import { catalogueOf } from '../../policy/risk-rules/catalogue.ts'
import type { BrokerParts } from '../parts.ts'
import { type AskedApproval, approvalOf } from './approval-of.ts'
import { type Help, helpOf, messageOf } from './help.ts'
import { type Reconstructed, reconstruct } from './reconstruct.ts'
import type { RequestRow } from './request-row.ts'

/** One request, as programs read it. Times are epoch milliseconds. */
export interface ExplainedRequest {
  readonly auditId: string
  readonly decidedAt: number
  readonly what: string
  readonly request: {
    readonly verb: string
    readonly apiGroup: string
    readonly resource: string
    readonly subresource: string
    readonly namespace: string
    readonly name: string
    readonly method: string
    readonly path: string
    readonly command: readonly string[]
  }
  readonly agent: string
  readonly sponsor: string
  readonly lease: string
  readonly template: string
  readonly task: string
  readonly decision: 'allow' | 'deny' | 'pending'
  /** A DenyReason; '' where it was let through. */
  readonly reason: string
  readonly detail: string
  /** What is said of it, by the policy as it stands; '' where it was let through. */
  readonly message: string
  /** What covered it, as the record names it, and what it says; none where nothing did. */
  readonly rule: string
  readonly rules: readonly Rule[]
  /** Null where it has none. */
  readonly risk: { readonly id: string; readonly tier: string; readonly why: string } | null
  readonly approval: AskedApproval | null
  readonly policy: {
    /** Revisions: of the policy that judged it, and of that which stands. */
    readonly was: string
    readonly now: string
    /** What it would be told today, mildest first; more than one where that depends on what was sent. None: that cannot be told. */
    readonly says: readonly Saying[]
  }
  readonly outcome: { readonly state: string; readonly status: number; readonly endReason: string }
  /** What would let it pass, the surest first; empty where nothing would. */
  readonly help: readonly Help[]
}

export async function explainRequest(
  row: RequestRow,
  principal: Principal,
  parts: BrokerParts,
): Promise<ExplainedRequest> {
  const known = await reconstruct(row, parts)
  const { recorded } = row
  const approval = row.approval === '' ? null : await approvalOf(row, principal, parts)
  const { verb, apiGroup, resource, subresource, namespace, name, method, path, command } = recorded
  return {
    auditId: row.auditId,
    decidedAt: row.decidedAt,
    what: row.what,
    request: { verb, apiGroup, resource, subresource, namespace, name, method, path, command },
    agent: recorded.agent,
    sponsor: row.sponsor,
    lease: row.lease,
    template: recorded.template,
    task: row.task,
    decision: recorded.decision,
    reason: recorded.reason,
    detail: row.detail,
    message: messageOf(known, approval),
    rule: recorded.rule,
    rules: rulesOf(known),
    risk: riskOf(known),
    approval,
    policy: { was: row.policyRevision, now: known.policy.revision, says: saysToday(known) },
    outcome: { state: row.state, status: row.status, endReason: row.endReason },
    help: helpOf(known, approval),
  }
}

/** `rule 2`, or `rule 1: patch, rule 3: create`. */
function rulesOf({ row, lease }: Reconstructed): readonly Rule[] {
  const numbers = [...row.recorded.rule.matchAll(/\brule (\d+)/g)].map(([, number]) => Number(number))
  return numbers.flatMap(number => (row.scope ?? lease.scope)[number - 1] ?? [])
}

function riskOf({ row, policy }: Reconstructed): ExplainedRequest['risk'] {
  const { risk: id } = row.recorded
  if (id === '') return null
  const entry = catalogueOf(policy).find(one => one.id === id)
  return { id, tier: entry?.tier ?? '', why: entry?.why ?? '' }
}

function saysToday({ row, lease, above, readings, policy }: Reconstructed): readonly Saying[] {
  if (readings === null) return []
  const said = new Set(
    readings.requests.map(request => {
      const { kind } = judgeSent({ request, source: row.recorded.source, lease, above, policy })
      return kind === 'approval' ? 'ask' : kind
    }),
  )
  // By fields it may be covered or not.
  if (readings.isUnknownPatch && said.has('deny')) said.add('ask').add('allow')
  return SAYINGS.filter(one => said.has(one))
}
