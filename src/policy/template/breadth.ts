import type { Rule, Scope } from '../../lease/lease.ts'
import { isWithin } from '../../lease/scope/narrow.ts'
import type { TaskTemplate } from '../policy.ts'

/** Far more than anybody lists one by one. */
const EVERYTHING = 100

const VERBS: Readonly<Record<string, number>> = {
  get: 1,
  list: 1,
  watch: 1,
  create: 4,
  update: 4,
  patch: 4,
  delete: 8,
  deletecollection: 16,
  '*': EVERYTHING,
}
/** escalate, bind, impersonate and what else is no verb of a request. */
const OTHER_VERB = 32

/** Ways into pods and to credentials weigh as much as many other kinds. */
const WEIGHTY = /^(?:secrets|serviceaccounts\/token|(?:pods|\*)\/(?:exec|attach)|(?:[a-z]+|\*)\/(?:portforward|proxy))$/

/** How much a template opens, for telling the smaller from the wider: what it lets pass around the boundary, then unasked, then at all. */
export function compareBreadth(a: Opened, b: Opened): number {
  return (
    a.template.dangerous.length - b.template.dangerous.length ||
    a.template.approval.skip.length - b.template.approval.skip.length ||
    breadth(a.scope) - breadth(b.scope) ||
    (a.template.name < b.template.name ? -1 : 1)
  )
}

export interface Opened {
  readonly template: TaskTemplate
  readonly scope: Scope
}

/** Grows with every verb, kind, name and namespace that a scope has more. What another rule grants already opens nothing; what two share in part counts twice. */
export function breadth(scope: Scope): number {
  return sum(
    scope.filter((rule, index) => !opensNothing(rule, index, scope)),
    ofRule,
  )
}

/** Of two rules that grant the same the first counts. */
function opensNothing(rule: Rule, index: number, scope: Scope): boolean {
  return scope.some((other, place) => {
    if (place === index || !isWithin(rule, other)) return false
    return place < index || !isWithin(other, rule)
  })
}

function ofRule(rule: Rule): number {
  const verbs = sum(rule.verbs, verb => VERBS[verb] ?? OTHER_VERB)
  const urls = sum(rule.nonResourceURLs, url => (url.endsWith('*') ? EVERYTHING : 1))
  const kinds = sum(rule.resources, ofResource) * sum(rule.apiGroups, group => (group === '*' ? EVERYTHING : 1))
  return verbs * (urls + kinds * ofNames(rule.resourceNames) * ofNames(rule.namespaces) * within(rule))
}

function ofResource(resource: string): number {
  if (resource === '*') return EVERYTHING * EVERYTHING
  if (WEIGHTY.test(resource)) return EVERYTHING
  return resource.startsWith('*') ? EVERYTHING : 1
}

/** No names are all names, and no namespaces the whole cluster. */
function ofNames(names: readonly string[]): number {
  return names.length === 0 || names.includes('*') ? EVERYTHING : Math.min(names.length, EVERYTHING)
}

/** What a rule with commands or fields leaves of its kinds. */
function within({ commands, fields, stdin }: Rule): number {
  const open = commands.some(command => command.at(-1) === '**')
  const ofCommands = commands.length === 0 || open ? EVERYTHING : commands.length
  const ofFields = fields.length === 0 ? EVERYTHING : Math.min(fields.length, EVERYTHING)
  return ofCommands * ofFields * (stdin ? 2 : 1)
}

function sum<T>(values: readonly T[], weight: (value: T) => number): number {
  return values.reduce((total, value) => total + weight(value), 0)
}
