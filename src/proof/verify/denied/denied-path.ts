import type { Checked, Finding } from '../../../findings/report.ts'
import type { Lease } from '../../../lease/lease.ts'
import { type Attempt, attempt, reasonIn, show } from '../attempt.ts'
import { compareRecord, type Sent, settledRows } from '../on-record.ts'
import type { VerifyParts } from '../parts.ts'
import { neighbours } from './neighbours.ts'

/** There in every cluster, and granted in next to none. */
const USUALLY_FOREIGN = 'kube-system'

/** What lies just outside of the lease must be refused by the boundary itself, and stand on record as refused. */
export async function deniedPath(parts: VerifyParts, lease: Lease): Promise<Checked> {
  const token = await parts.agent.token(lease.id)
  const foreign = await foreignNamespace(parts, lease)
  const before = (await settledRows(parts, lease.id, 0)).map(row => row.audit_id)
  const answers: Attempt[] = []
  for (const wanted of neighbours(lease.scope, { granted: parts.wish.namespace, foreign })) {
    answers.push(await attempt(parts.boundary, token, wanted))
  }
  const answered = answers.filter(answer => answer.status !== 0)
  const rows = await settledRows(parts, lease.id, before.length + answered.length)
  const ours = rows.filter(row => !before.includes(row.audit_id))
  const whose = { agent: parts.agent.name, sponsor: parts.agent.sponsor, task: lease.task.name, lease: lease.id }
  const compared = compareRecord(answered.map(toSent), ours, whose)
  const refused = answered.filter(isRefused).length
  return {
    name: 'denied-path',
    title: 'what lies outside of the lease is refused, and the attempt is on record',
    tried: answers.map(show),
    seen: [`${refused} of ${answers.length} refused by the boundary, ${ours.length} of them on record`],
    findings: [...answers.filter(answer => !isRefused(answer)).map(toFinding), ...compared],
  }
}

async function foreignNamespace({ platform }: VerifyParts, lease: Lease): Promise<string> {
  if (lease.scope.some(rule => rule.namespaces.includes('*'))) return ''
  const all = (await platform?.cluster.namespaces().catch(() => null)) ?? [USUALLY_FOREIGN]
  return all.find(name => !lease.namespaces.includes(name)) ?? ''
}

/** The boundary names its reason; an answer without one came from behind it. */
function isRefused({ status, text }: Attempt): boolean {
  return status >= 400 && reasonIn(text) !== ''
}

function toSent(answer: Attempt): Sent {
  const { method, target, status, auditId } = answer
  const [path = ''] = target.split('?')
  return { method, path, status, auditId, decision: isRefused(answer) ? 'deny' : 'allow' }
}

function toFinding(answer: Attempt): Finding {
  if (answer.status === 0) {
    return {
      severity: 'error',
      what: `${show(answer)}: nobody refused it`,
      why: 'What does not answer cannot be told from what would have let it pass.',
      mend: 'See that Envoy runs: leasegate doctor',
    }
  }
  return {
    severity: 'critical',
    what: `${show(answer)}: it passed the boundary, although the lease does not cover it`,
    why: "Only the cluster's own RBAC stands between the agent and this.",
    mend: 'End the lease and take the boundary out of use; this must not happen: leasegate doctor, then report it.',
  }
}
