import type { Rule, Scope } from '../../lease/lease.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { filledRule, type Parameters } from './parameters.ts'

/**
 * The scope that a lease of this template gets for these namespaces. Without a namespace only the cluster-scoped rules are left, and without what
 * stands in their places rules with parameters are not.
 */
export function issueScope(template: TaskTemplate, namespaces: readonly string[], parameters: Parameters = {}): Scope {
  return template.rules.flatMap(each => {
    const rule = filledRule(each, template, parameters)
    if (rule === null) return []
    if (rule.scope === 'cluster') return [toRule(rule, [])]
    return namespaces.length === 0 ? [] : [toRule(rule, namespaces)]
  })
}

function toRule(rule: TemplateRule, namespaces: readonly string[]): Rule {
  const { scope: _, ...grants } = rule
  return { ...grants, namespaces }
}
