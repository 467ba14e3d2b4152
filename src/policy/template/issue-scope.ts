import type { Rule, Scope } from '../../lease/lease.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'

/** The scope that a lease of this template gets for these namespaces. Without a namespace only the cluster-scoped rules are left. */
export function issueScope(template: TaskTemplate, namespaces: readonly string[]): Scope {
  return template.rules.flatMap(rule => {
    if (rule.scope === 'cluster') return [toRule(rule, [])]
    return namespaces.length === 0 ? [] : [toRule(rule, namespaces)]
  })
}

function toRule(rule: TemplateRule, namespaces: readonly string[]): Rule {
  const { scope: _, ...grants } = rule
  return { ...grants, namespaces }
}
