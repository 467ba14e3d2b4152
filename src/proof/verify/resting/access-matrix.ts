import type { Finding } from '../../../findings/report.ts'
import type { AccessSubject, Action, Cluster } from '../../../kubernetes/cluster.ts'
import { allowedActions, everyAction, summary } from '../../rights/allowed-actions.ts'
import { shellQuote } from '../../shell-quote.ts'
import type { AgentInCluster } from './identities.ts'
import type { Look } from './looking.ts'

/** What the agent may do by itself: every verb of every resource, for all namespaces at once and in those that are named. */
export async function accessMatrix(
  cluster: Cluster,
  { agent, own, leased }: AgentInCluster,
  namespaces: readonly string[],
): Promise<Look> {
  const actions = await everyAction(cluster, namespaces)
  const subjects: readonly (readonly [string, AccessSubject])[] = [
    [`agent ${agent} itself (${own.user})`, own],
    [`${leased.user} without a task`, leased],
  ]
  const findings: Finding[] = []
  for (const [who, subject] of subjects) {
    const allowed = await allowedActions(cluster, subject, actions)
    if (allowed.length > 0) findings.push(toFinding(who, subject, allowed))
  }
  const where = namespaces.length === 0 ? '' : ` and in ${namespaces.join(', ')}`
  return {
    tried: [
      `${actions.length} actions cluster-wide${where}, each by SubjectAccessReview for ${subjects.map(([who]) => who).join(' and for ')}`,
    ],
    seen: [findings.length === 0 ? 'none of them is allowed' : 'some of them are allowed'],
    findings,
  }
}

function toFinding(who: string, { user, groups }: AccessSubject, allowed: readonly Action[]): Finding {
  const as = [`--as=${user}`, ...groups.map(group => `--as-group=${group}`)].map(shellQuote).join(' ')
  return {
    severity: 'critical',
    what: `${who} may ${summary(allowed)}`,
    why: 'This right rests: it needs no lease, and is there between tasks.',
    mend: `Remove the bindings that the check of standing bindings names, or what another authorizer grants; see: kubectl auth can-i --list ${as}`,
  }
}
