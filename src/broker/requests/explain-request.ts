import type { EXPLAINED_REQUEST } from '../../denial/explained-request.ts'
import type { Principal } from '../../identity/caller.ts'
import type { Rule } from '../../lease/lease.ts'
import { judgeSent } from '../../policy/judge/judge-sent.ts'
import { SAYINGS, type Saying } from '../../policy/replay/recorded.ts'
import { catalogueOf } from '../../policy/risk-rules/catalogue.ts'
import type { Shown } from '../http/operation.ts'
import type { BrokerParts } from '../parts.ts'
import { approvalOf } from './approval-of.ts'
import { helpOf, messageOf } from './help.ts'
import { type Reconstructed, reconstruct } from './reconstruct.ts'
import type { RequestRow } from './request-row.ts'

type ExplainedRequest = Shown<typeof EXPLAINED_REQUEST>

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
    risk: risksOf(known, recorded.risk === '' ? [] : [recorded.risk])[0] ?? null,
    risks: risksOf(known, row.risks),
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

/** In words of the policy as it stands; some may be in it no more. */
function risksOf({ policy }: Reconstructed, ids: readonly string[]): ExplainedRequest['risks'] {
  const catalogue = catalogueOf(policy)
  return ids.map(id => {
    const entry = catalogue.find(one => one.id === id)
    return { id, tier: entry?.tier ?? '', why: entry?.why ?? '' }
  })
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
