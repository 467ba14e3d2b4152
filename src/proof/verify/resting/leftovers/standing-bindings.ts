import type { Finding } from '../../../../findings/report.ts'
import type { Binding, Cluster, Role, Subject } from '../../../../kubernetes/cluster.ts'
import type { Policy } from '../../../../policy/policy.ts'
import { parseRoleName } from '../../../../policy/rbac/names.ts'
import type { RbacObject } from '../../../../policy/rbac/objects.ts'
import { toRbac } from '../../../../policy/rbac/rbac.ts'
import { describe, isBuiltIn, isExpected, normal, removal } from '../../../rights/bindings.ts'
import { shellQuote } from '../../../shell-quote.ts'
import type { AgentInCluster } from '../identities.ts'
import type { Look } from '../looking.ts'

const EVERYBODY: ReadonlySet<string> = new Set([
  'system:authenticated',
  'system:unauthenticated',
  'system:serviceaccounts',
])

/** Bindings to agents, to leased identities or to everybody that the policy does not account for, and task roles that grant other things. */
export async function standingBindings(
  cluster: Cluster,
  policy: Policy,
  agents: readonly AgentInCluster[],
): Promise<Look> {
  const [bindings, roles] = await Promise.all([cluster.bindings(), cluster.roles()])
  const expected = accountedFor(policy, bindings)
  const isOurs = agentSubject(agents)
  const stray = bindings
    .map(binding => ({
      binding,
      subjects: binding.subjects.filter(
        subject => isOurs(subject) && !isBuiltIn(binding) && !isExpected(binding, subject, expected),
      ),
    }))
    .filter(({ subjects }) => subjects.length > 0)
  const changed = roles.flatMap(role => changedRole(role, expected))
  return {
    tried: [`${bindings.length} bindings and ${roles.length} roles, against what the policy accounts for`],
    seen: [`${stray.length} bindings and ${changed.length} roles beyond it`],
    findings: [...stray.map(({ binding, subjects }) => toFinding(binding, subjects)), ...changed],
  }
}

/**
 * What the policy accounts for, in the names of each boundary that seems to be here: an agent's kubeconfig does not say which one is
 * its own. The boundaries' own accounts are not looked at: what they may do is the doctor's matter.
 */
function accountedFor(policy: Policy, bindings: readonly Binding[]): readonly RbacObject[] {
  const owners = new Set(bindings.flatMap(({ name }) => parseRoleName(name)?.owner ?? []))
  return [...owners].flatMap(name => toRbac(policy, { mode: 'legacy', boundary: { kind: 'user', name } }))
}

function agentSubject(agents: readonly AgentInCluster[]): (subject: Subject) => boolean {
  const users = new Set(agents.flatMap(({ own, aliases, leased }) => [own.user, ...aliases, leased.user]))
  const groups = new Set([...EVERYBODY, ...agents.flatMap(({ own, leased }) => [...own.groups, ...leased.groups])])
  return ({ kind, name, namespace }) => {
    if (kind === 'ServiceAccount') {
      return agents.some(({ account }) => account?.name === name && account.namespace === namespace)
    }
    if (kind === 'User') return users.has(name)
    return groups.has(name) || name.startsWith('leasegate:')
  }
}

function toFinding(binding: Binding, subjects: readonly Subject[]): Finding {
  return {
    severity: 'critical',
    what: describe(binding, subjects),
    why: 'It is a standing right that no lease gave and that no lease ends.',
    mend: removal(binding, subjects),
  }
}

function changedRole(role: Role, expected: readonly RbacObject[]): readonly Finding[] {
  const wanted = expected.find(object => object.kind === 'ClusterRole' && object.metadata.name === role.name)
  if (role.namespace !== null || wanted?.kind !== 'ClusterRole') return []
  if (parseRoleName(role.name)?.template === null) return []
  if (!role.aggregated && normal(role.rules) === normal(wanted.rules)) return []
  const patch = { aggregationRule: null, rules: wanted.rules }
  return [
    {
      severity: 'critical',
      what: `ClusterRole ${role.name} grants other things than the policy says`,
      why: 'Every lease of this template reaches further, or less far, behind the boundary than was agreed.',
      mend: `kubectl patch clusterrole ${shellQuote(role.name)} --type=merge -p ${shellQuote(JSON.stringify(patch))}`,
    },
  ]
}
