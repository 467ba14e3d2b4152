import { stringify } from 'yaml'
import type { Policy, TaskTemplate } from '../policy.ts'
import { actingAs, type ImpersonationMode, impersonationRules, onBehalf } from './boundary.ts'
import { planUserOf, taskGroup } from './identity.ts'
import { roleNames } from './names.ts'
import { binding, clusterRole, group, type PolicyRule, type RbacObject, type Subject, user } from './objects.ts'
import { CLUSTER_READS, NAMESPACE_READS, namespacesRead, planned } from './planner.ts'
import { toPolicyRules } from './rules.ts'

export interface RbacOptions {
  readonly mode: ImpersonationMode
  /** The account that Envoy opens the API server with. */
  readonly boundary: Account
  /** The account that plans are made with; not there where none are. */
  readonly planner?: Account
}

export type Account =
  | { readonly kind: 'serviceAccount'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'user'; readonly name: string }

/**
 * Everything that the cluster must grant, and nothing more: the boundary may act as the agents, each template's group may do what the
 * template can issue. In the order of the policy file, so that two runs give the same text.
 */
export function toRbac(policy: Policy, options: RbacOptions): readonly RbacObject[] {
  const boundary = toSubject(options.boundary)
  const names = roleNames(ownerOf(options.boundary))
  return [
    clusterRole(names.boundary, impersonationRules(policy, options.mode)),
    binding(names.boundary, boundary, null),
    ...policy.templates.flatMap(template => [
      ...taskObjects(template, names.task(template.name), group(taskGroup(template.name)), rules => rules),
      ...(options.mode === 'legacy' ? [] : taskObjects(template, names.onBehalf(template.name), boundary, onBehalf)),
    ]),
    ...(options.planner === undefined ? [] : plannerObjects(policy, toSubject(options.planner), options)),
  ]
}

/** It reads what plans tell of, and acts as agents do under names that can but try. */
function plannerObjects(policy: Policy, planner: Subject, options: RbacOptions): readonly RbacObject[] {
  const names = roleNames(ownerOf(options.boundary))
  const reads = namespacesRead(policy)
  return [
    clusterRole(names.planner, [...CLUSTER_READS, ...actingAs(policy, planUserOf, options.mode)]),
    binding(names.planner, planner, null),
    ...(reads.length === 0
      ? []
      : [
          clusterRole(names.plannerReads, NAMESPACE_READS),
          ...reads.map(namespace => binding(names.plannerReads, planner, namespace)),
        ]),
    ...(options.mode === 'legacy'
      ? []
      : policy.templates.flatMap(template =>
          taskObjects(template, names.plannerTask(template.name), planner, rules => onBehalf(planned(rules))),
        )),
  ]
}

/** One YAML document an object. */
export function toYaml(objects: readonly object[]): string {
  return objects.map(object => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
}

/** The template's rights for one subject: a role for namespaces, bound in each that is granted to anyone, and one for the cluster. */
function taskObjects(
  template: TaskTemplate,
  name: string,
  subject: Subject,
  reword: (rules: readonly PolicyRule[]) => readonly PolicyRule[],
): readonly RbacObject[] {
  const inNamespaces = reword(toPolicyRules(template, 'namespaces'))
  const inCluster = reword(toPolicyRules(template, 'cluster'))
  const bindings = namespacesOf(template).map(namespace => binding(name, subject, namespace))
  return [
    ...(inNamespaces.length === 0 || bindings.length === 0 ? [] : [clusterRole(name, inNamespaces), ...bindings]),
    ...(inCluster.length === 0 || template.grants.length === 0
      ? []
      : [clusterRole(`${name}:cluster`, inCluster), binding(`${name}:cluster`, subject, null)]),
  ]
}

/** Null stands for every namespace. */
function namespacesOf(template: TaskTemplate): readonly (string | null)[] {
  const granted = new Set(template.grants.flatMap(grant => grant.namespaces))
  return granted.has('*') ? [null] : [...granted].sort()
}

function toSubject(boundary: Account): Subject {
  switch (boundary.kind) {
    case 'serviceAccount':
      return { kind: 'ServiceAccount', name: boundary.name, namespace: boundary.namespace }
    case 'user':
      return user(boundary.name)
  }
}

/** Whose roles these are among several boundaries of one cluster. */
function ownerOf(boundary: Account): string {
  return boundary.kind === 'serviceAccount' ? boundary.namespace : boundary.name
}
