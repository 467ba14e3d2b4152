import { coversResource } from '../../lease/scope/scope.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'
import type { RiskEntry } from '../risk/entry.ts'

export interface Warning {
  /** Null when it is about the whole policy. */
  readonly template: string | null
  /** Counted from 1; null when it is about the whole template. */
  readonly rule: number | null
  readonly message: string
}

/** `pods/log` of a group. */
export interface Target {
  readonly group: string
  readonly resource: string
}

export function aboutRule(template: TaskTemplate, index: number, message: string): Warning {
  return { template: template.name, rule: index + 1, message }
}

export function aboutTemplate(template: TaskTemplate, message: string): Warning {
  return { template: template.name, rule: null, message }
}

/** Whether a rule reaches the resource with this verb for some name, wildcards counted. */
export function reaches(rule: TemplateRule, verb: string, { group, resource }: Target): boolean {
  const [name = '', subresource = ''] = resource.split('/')
  const asked = { apiGroup: group, resource: name, subresource }
  return has(rule.verbs, verb) && has(rule.apiGroups, group) && coversResource(rule, asked)
}

export function templateReaches(template: TaskTemplate, verb: string, target: Target): boolean {
  return template.rules.some(rule => reaches(rule, verb, target))
}

/** Whether the template grants something of which this is a risk, wherever it goes. */
export function mayAsk({ rules }: TaskTemplate, { verbs, apiGroups, resources }: RiskEntry): boolean {
  return rules.some(rule =>
    (verbs.includes('*') ? rule.verbs : verbs).some(verb =>
      apiGroups.some(group => resources.some(resource => reaches(rule, verb, { group, resource }))),
    ),
  )
}

export function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}

/** Agents that may have a lease of it: those that may ask for one, and those that may be handed one. */
export function agentsWith({ grants }: TaskTemplate): readonly string[] {
  return [...new Set(grants.flatMap(({ agent, delegation }) => [agent, ...(delegation?.to ?? [])]))]
}
