import { checkPolicy, describeWarning } from '../../../src/policy/check.ts'
import type { TaskTemplate, TemplateRule } from '../../../src/policy/policy.ts'
import { aPolicy, aRule, aTemplate } from '../a-policy.ts'

export const ada = { name: 'ada', match: { issuer: 'i', claims: { sub: 'ada' } }, alsoKnownAs: [] }
const people = [{ ...ada, roles: ['approver', 'admin'] as const }]
const agents = aPolicy().agents.map(agent => ({ ...agent, sponsor: { kind: 'fixed', name: 'grace' } as const }))

export function warningsOf(given: Partial<TaskTemplate>): readonly string[] {
  return checkPolicy(aPolicy({ agents, people, templates: [aTemplate(given)] })).map(describeWarning)
}

/** What is said about a template of these rules alone. */
export function about(...rules: readonly Partial<TemplateRule>[]): readonly string[] {
  return warningsOf({ rules: rules.map(rule => aRule({ apiGroups: [''], ...rule })) })
}

export const pods = { verbs: ['get', 'list', 'watch'], resources: ['pods'] }
export const deployments = { apiGroups: ['apps'], resources: ['deployments'] }
