import type { Binding, Cluster, Role, RoleRule, Subject } from '../../../../kubernetes/cluster.ts'
import type { Policy } from '../../../../policy/policy.ts'
import type { RbacObject } from '../../../../policy/rbac/objects.ts'
import { toRbac } from '../../../../policy/rbac.ts'
import type { Finding } from '../../../report.ts'
import { shellQuote } from '../../../shell-quote.ts'
import type { AgentInCluster } from '../identities.ts'
import type { Look } from '../looking.ts'

/** Kubernetes' own, for everybody: who am I, what is there, what may I do. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'system:basic-user',
  'system:discovery',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
])

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
  // The boundary's own account is not looked at here: what it may do is the doctor's matter.
  const expected = toRbac(policy, { mode: 'legacy', boundary: { kind: 'user', name: 'leasegate:boundary' } })
  const isOurs = agentSubject(agents)
  const stray = bindings
    .map(binding => ({
      binding,
      subjects: binding.subjects.filter(subject => isOurs(subject) && !isExpected(binding, subject, expected)),
    }))
    .filter(({ subjects }) => subjects.length > 0)
  const changed = roles.flatMap(role => changedRole(role, expected))
  return {
    tried: [`${bindings.length} bindings and ${roles.length} roles, against what the policy accounts for`],
    seen: [`${stray.length} bindings and ${changed.length} roles beyond it`],
    findings: [...stray.map(({ binding, subjects }) => toFinding(binding, subjects)), ...changed],
  }
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

function isExpected(binding: Binding, { kind, name }: Subject, expected: readonly RbacObject[]): boolean {
  if (binding.namespace === null && BUILT_IN.has(binding.name) && binding.roleName === binding.name) return true
  return expected.some(
    object =>
      object.kind !== 'ClusterRole' &&
      object.metadata.name === binding.name &&
      (object.kind === 'RoleBinding' ? object.metadata.namespace : null) === binding.namespace &&
      object.roleRef.kind === binding.roleKind &&
      object.roleRef.name === binding.roleName &&
      object.subjects.some(each => each.kind === kind && each.name === name),
  )
}

function toFinding(binding: Binding, subjects: readonly Subject[]): Finding {
  const kind = binding.namespace === null ? 'ClusterRoleBinding' : 'RoleBinding'
  const where = binding.namespace === null ? '' : ` in ${binding.namespace}`
  const whom = subjects.map(({ kind, name, namespace }) => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)
  return {
    severity: 'critical',
    what: `${kind} ${binding.name}${where} gives ${whom.join(' and ')} the ${binding.roleKind} ${binding.roleName}`,
    why: 'It is a standing right that no lease gave and that no lease ends.',
    mend: removal(binding, subjects),
  }
}

/** Deletes the binding, or takes out of it whom it should not bind. */
function removal(binding: Binding, subjects: readonly Subject[]): string {
  const kind = binding.namespace === null ? 'clusterrolebinding' : 'rolebinding'
  const named = [kind, shellQuote(binding.name), ...(binding.namespace === null ? [] : ['-n', binding.namespace])]
  if (subjects.length === binding.subjects.length) return `kubectl delete ${named.join(' ')}`
  const indexes = subjects.map(subject => binding.subjects.indexOf(subject)).sort((a, b) => b - a)
  // The test keeps a patch from taking out somebody else when the binding has changed meanwhile.
  const patch = indexes.flatMap(index => [
    { op: 'test', path: `/subjects/${index}/name`, value: binding.subjects[index]?.name },
    { op: 'remove', path: `/subjects/${index}` },
  ])
  return `kubectl patch ${named.join(' ')} --type=json -p ${shellQuote(JSON.stringify(patch))}`
}

function changedRole(role: Role, expected: readonly RbacObject[]): readonly Finding[] {
  const wanted = expected.find(object => object.kind === 'ClusterRole' && object.metadata.name === role.name)
  if (role.namespace !== null || wanted?.kind !== 'ClusterRole' || wanted.metadata.name === 'leasegate:boundary')
    return []
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

/** Empty lists and missing ones mean the same. */
function normal(rules: readonly Partial<RoleRule>[]): string {
  return JSON.stringify(
    rules.map(({ verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }) => [
      verbs,
      apiGroups,
      resources,
      resourceNames,
      nonResourceURLs,
    ]),
  )
}
