import { stringify } from 'yaml'
import type { Finding } from '../../../findings/report.ts'
import type { AccessSubject, Binding, Cluster, Role } from '../../../kubernetes/cluster.ts'
import type { Policy } from '../../../policy/policy.ts'
import { parseRoleName } from '../../../policy/rbac/names.ts'
import type { RbacObject } from '../../../policy/rbac/objects.ts'
import { type RbacOptions, toRbac } from '../../../policy/rbac/rbac.ts'
import { allowedActions, everyAction, summary } from '../../rights/allowed-actions.ts'
import { describe, isBuiltIn, isExpected, normal, removal } from '../../rights/bindings.ts'
import type { Examination } from '../examined.ts'

/** The account that Envoy opens the API server with: it must be able to act as every lease, and to do nothing else. */
export async function examineBoundaryAccount(
  cluster: Cluster,
  policy: Policy,
  options: RbacOptions,
  namespaces: readonly string[],
): Promise<Examination> {
  const expected = toRbac(policy, options)
  const [bindings, roles, actions] = await Promise.all([
    cluster.bindings(),
    cluster.roles(),
    everyAction(cluster, namespaces),
  ])
  const account = toAccount(options)
  const allowed = await allowedActions(cluster, account.subject, actions)
  const missing = missingIn(expected, bindings, roles)
  const stray = bindings.flatMap(binding => {
    const ours = binding.subjects.filter(each => account.is(each) && !isExpected(binding, each, expected))
    return ours.length === 0 || isBuiltIn(binding) ? [] : [{ binding, ours }]
  })
  return {
    tried: [
      `${expected.length} objects of leasegate policy rbac --mode ${options.mode}, against ${bindings.length} bindings and ${roles.length} roles`,
      `${actions.length} actions by SubjectAccessReview for ${account.subject.user}`,
    ],
    seen: [`${expected.length - missing.length} of ${expected.length} objects are there and as they should be`],
    findings: [
      ...missing.map(tooFew),
      ...stray.map(({ binding, ours }) => tooMany(describe(binding, ours), removal(binding, ours))),
      ...(allowed.length === 0 ? [] : [mayItself(account.subject, summary(allowed))]),
    ],
  }
}

interface Account {
  readonly subject: AccessSubject
  readonly is: (subject: Binding['subjects'][number]) => boolean
}

function toAccount({ boundary }: RbacOptions): Account {
  if (boundary.kind === 'user') {
    const subject = { user: boundary.name, groups: ['system:authenticated'] }
    return { subject, is: each => isUserOrGroup(each, subject) }
  }
  const { namespace, name } = boundary
  const user = `system:serviceaccount:${namespace}:${name}`
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return {
    subject: { user, groups },
    is: subject =>
      subject.kind === 'ServiceAccount'
        ? subject.name === name && subject.namespace === namespace
        : isUserOrGroup(subject, { user, groups }),
  }
}

/** A binding to a group that everybody is in gives it to this account too. */
function isUserOrGroup({ kind, name }: Binding['subjects'][number], { user, groups }: AccessSubject): boolean {
  return kind === 'User' ? name === user : kind === 'Group' && groups.includes(name)
}

export function missingIn(
  expected: readonly RbacObject[],
  bindings: readonly Binding[],
  roles: readonly Role[],
): readonly RbacObject[] {
  return expected.filter(object => !isThere(object, bindings, roles))
}

function isThere(object: RbacObject, bindings: readonly Binding[], roles: readonly Role[]): boolean {
  if (object.kind === 'ClusterRole') {
    const role = roles.find(({ name, namespace }) => namespace === null && name === object.metadata.name)
    return role !== undefined && !role.aggregated && normal(role.rules) === normal(object.rules)
  }
  return object.subjects.every(subject =>
    bindings.some(binding => {
      const there = binding.subjects.find(({ kind, name }) => kind === subject.kind && name === subject.name)
      return there !== undefined && isExpected(binding, there, [object])
    }),
  )
}

export function tooFew(object: RbacObject): Finding {
  const { kind, metadata } = object
  const where = kind === 'RoleBinding' ? ` in ${metadata.namespace}` : ''
  const template = parseRoleName(metadata.name)?.template ?? null
  const forPlans = /:planner(?::|$)/.test(metadata.name)
  return {
    severity: 'error',
    what: `${kind} ${metadata.name}${where} is missing, or is not what the policy says`,
    why: forPlans
      ? 'Of some questions approvers are shown no plan, or less of one.'
      : template === null
        ? 'The boundary cannot act as any agent.'
        : `Leases of template ${template} cannot do their task.`,
    mend: `kubectl apply --server-side --force-conflicts -f - <<'EOF'\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}EOF`,
  }
}

function tooMany(what: string, mend: string): Finding {
  return {
    severity: 'critical',
    what,
    why: 'Who gets at the boundary, or finds a mistake in it, can do this as well: it should be able to act as a lease and do nothing else.',
    mend,
  }
}

function mayItself({ user }: AccessSubject, what: string): Finding {
  return tooMany(
    `the boundary's own account ${user} may ${what}`,
    `Remove the bindings named beside this, or what another authorizer grants; see: kubectl auth can-i --list --as=${user}`,
  )
}
