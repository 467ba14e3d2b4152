import type { Binding, RoleRule, Subject } from '../../kubernetes/cluster.ts'
import type { RbacObject } from '../../policy/rbac/objects.ts'
import { shellQuote } from '../shell-quote.ts'

/** Kubernetes' own, for everybody: who am I, what is there, what may I do. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'system:basic-user',
  'system:discovery',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
])

export function isBuiltIn({ name, namespace, roleName }: Binding): boolean {
  return namespace === null && BUILT_IN.has(name) && roleName === name
}

/** Whether the policy accounts for this subject of this binding. */
export function isExpected(binding: Binding, { kind, name }: Subject, expected: readonly RbacObject[]): boolean {
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

/** `ClusterRoleBinding old gives Group leasegate:agents the ClusterRole admin`. */
export function describe(binding: Binding, subjects: readonly Subject[]): string {
  const kind = binding.namespace === null ? 'ClusterRoleBinding' : 'RoleBinding'
  const where = binding.namespace === null ? '' : ` in ${binding.namespace}`
  const whom = subjects.map(({ kind, name, namespace }) => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)
  return `${kind} ${binding.name}${where} gives ${whom.join(' and ')} the ${binding.roleKind} ${binding.roleName}`
}

/** Deletes the binding, or takes out of it whom it should not bind. */
export function removal(binding: Binding, subjects: readonly Subject[]): string {
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

/** Rules as text that can be compared: empty lists and missing ones mean the same. */
export function normal(rules: readonly Partial<RoleRule>[]): string {
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
