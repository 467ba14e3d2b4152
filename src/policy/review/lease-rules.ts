import type { Rule, Scope } from '../../lease/lease.ts'
import { isNarrower, narrow } from '../../lease/scope/narrow.ts'

/** The lists of a SelfSubjectRulesReview's status. */
export interface RuleLists {
  readonly resourceRules: readonly object[]
  readonly nonResourceRules: readonly object[]
}

/** What every lease opens, as RBAC would say it. */
const OPEN: Pick<RuleLists, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [
    review('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
    review('authentication.k8s.io', ['selfsubjectreviews']),
  ],
  nonResourceRules: [
    { verbs: ['get', 'head'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version'] },
  ],
}

function review(group: string, resources: readonly string[]): object {
  return { verbs: ['create'], apiGroups: [group], resources }
}

/** What is granted in a namespace, and in the cluster, by each of these scopes: a lease's, and those of its template and of others that bind it today. */
export function rulesIn(namespace: string, scopes: readonly Scope[]): RuleLists {
  const here = scopes.map(scope => narrow(scope, [namespace]))
  const all = here.flatMap(scope =>
    scope.filter(rule => rule.verbs.length > 0 && here.every(other => other === scope || isNarrower([rule], other))),
  )
  const rules = [...new Map(all.map(rule => [JSON.stringify(rule), rule])).values()]
  return {
    resourceRules: [
      ...OPEN.resourceRules,
      ...rules.filter(({ resources }) => resources.length > 0).map(toResourceRule),
    ],
    nonResourceRules: [
      ...OPEN.nonResourceRules,
      ...rules
        .filter(({ nonResourceURLs, namespaces }) => nonResourceURLs.length > 0 && namespaces.length === 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    ],
  }
}

function toResourceRule({ verbs, apiGroups, resources, resourceNames }: Rule): object {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) }
}
