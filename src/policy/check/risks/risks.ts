import type { TaskTemplate, TemplateRule } from '../../policy.ts'
import type { RiskEntry } from '../../risk/entry.ts'
import { RISKS } from '../../risk/risks.ts'
import { aboutRule, aboutTemplate, has, reaches, type Warning } from '../warning.ts'

const DANGERS = RISKS.filter(risk => risk.disposition === 'dangerous')
/** True of places and contents rather than of rules. */
const NOT_BY_RULE: ReadonlySet<string> = new Set([
  ...['boundary-namespace', 'boundary-node-pods', 'token-secret', 'pod-identity', 'pod-host'],
])

export function riskWarnings(template: TaskTemplate): readonly Warning[] {
  return [
    ...template.rules.flatMap((rule, index) =>
      DANGERS.filter(danger => !template.dangerous.includes(danger.id) && names(rule, danger)).map(({ id, why }) =>
        aboutRule(template, index, `grants what is refused unless the template names "${id}" as dangerous: it ${why}`),
      ),
    ),
    ...template.dangerous
      .filter(id => !NOT_BY_RULE.has(id) && !template.rules.some(rule => reachesDanger(rule, id)))
      .map(id => aboutTemplate(template, `names "${id}" as dangerous, but no rule grants it`)),
    ...template.approval.skip
      .filter(id => RISKS.some(risk => risk.id === id && risk.disposition === 'pass'))
      .map(id => aboutTemplate(template, `skips approval of "${id}", which wants none by default`)),
  ]
}

/** A rule that spells the resource or the verb out; one with wildcards was not written for it. */
function names(rule: TemplateRule, danger: RiskEntry): boolean {
  if (NOT_BY_RULE.has(danger.id)) return false
  if (danger.resources.includes('*')) return danger.verbs.some(verb => rule.verbs.includes(verb))
  const groups = rule.apiGroups.some(group => has(danger.apiGroups, group)) || rule.apiGroups.includes('*')
  const verbs = has(danger.verbs, '*') || rule.verbs.some(verb => verb === '*' || danger.verbs.includes(verb))
  return groups && verbs && danger.resources.some(resource => rule.resources.includes(resource))
}

function reachesDanger(rule: TemplateRule, id: string): boolean {
  const danger = DANGERS.find(risk => risk.id === id)
  if (danger === undefined) return false
  if (danger.resources.includes('*')) return danger.verbs.some(verb => has(rule.verbs, verb))
  const verbs = danger.verbs.includes('*') ? rule.verbs : danger.verbs
  return verbs.some(verb =>
    danger.apiGroups.some(group => danger.resources.some(resource => reaches(rule, verb, { group, resource }))),
  )
}
