import { matchesAll, parsePattern } from '../conditions/pattern.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'

/** By name: what somebody asked with. */
export type Parameters = Readonly<Record<string, string>>

const PLACE = /\{([a-z][a-z0-9]{0,31})\}/g
/** Neither a star, which stands for more than itself in commands, nor another place, nor an option. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/
/** Filled by what a lease is asked with in any case. */
export const BY_ITSELF: readonly string[] = ['namespace', 'ticket']

export interface Filling {
  readonly given: Parameters
  /** Of the lease: one alone can stand in a place. */
  readonly namespaces: readonly string[]
  readonly ticket: string
}

/** What stands in the places of the template's rules; else a text that says what is missing or not as it has to be. */
export function parametersOf(template: TaskTemplate, { given, namespaces, ticket }: Filling): Parameters | string {
  const { name: of, parameters = {} } = template
  const odd = Object.keys(given).find(name => !Object.hasOwn(parameters, name) || BY_ITSELF.includes(name))
  if (odd !== undefined) return `template "${of}" has no parameter of this name to be given`
  const [only = ''] = namespaces.length === 1 ? namespaces : []
  const values = { ...given, namespace: only, ticket }
  const filled = Object.keys(parameters).map(name => [name, valueIn(values, name)] as const)
  const wrong = filled.find(([name, value]) => !isAllowed(value, parameters[name] ?? ''))
  if (wrong === undefined) return Object.fromEntries(filled)
  const [name] = wrong
  return `template "${of}" wants ${how(name)} like ${parameters[name]}, of letters, digits and . _ : - alone`
}

/** What somebody would likely be asked for, by name: a guess that today's template takes, else '', which is for them to say. */
export function likelyParameters({ parameters = {} }: TaskTemplate, guess: (name: string) => string): Parameters {
  const likely = Object.entries(parameters).map(([name, wanted]) => [name, guess(name), wanted] as const)
  return Object.fromEntries(likely.map(([name, value, wanted]) => [name, isAllowed(value, wanted) ? value : '']))
}

/** Whether it is one word of a command, of signs alone that mean nothing to a shell, and no option. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

/** What stands under a name of these; '' for nothing. */
export function valueIn(values: Parameters, name: string): string {
  return Object.hasOwn(values, name) ? (values[name] ?? '') : ''
}

/** A rule with its places filled; null where one of them is not, or not as today's template has it. */
export function filledRule(rule: TemplateRule, { parameters }: TaskTemplate, values: Parameters): TemplateRule | null {
  if (parameters === undefined) return rule
  let isWhole = true
  const fill = (text: string) =>
    text.replace(PLACE, (place, name: string) => {
      if (!Object.hasOwn(parameters, name)) return place
      const value = valueIn(values, name)
      if (!isAllowed(value, parameters[name] ?? '')) isWhole = false
      return value
    })
  const resourceNames = rule.resourceNames.map(fill)
  const commands = rule.commands.map(command => command.map(fill))
  return isWhole ? { ...rule, resourceNames, commands } : null
}

/**
 * For Kubernetes' own rights, which are for every lease of the template: without names that only a lease has. The namespace of a lease is one of
 * those that are granted, and where these are named it may have one of their names.
 */
export function withoutPlaces({ rules, parameters, grants }: TaskTemplate): readonly TemplateRule[] {
  if (parameters === undefined) return rules
  const granted = [...new Set(grants.flatMap(({ namespaces }) => namespaces))].sort()
  const isNamed = granted.length > 0 && !granted.includes('*') && Object.hasOwn(parameters, 'namespace')
  return rules.map(rule => {
    if (placesIn(rule).length === 0) return rule
    const names = rule.resourceNames.flatMap(name => (isNamed && name === '{namespace}' ? granted : [name]))
    const isWhole = placesIn({ resourceNames: names }).length === 0
    return { ...rule, resourceNames: isWhole ? [...new Set(names)] : [] }
  })
}

/** Names of parameters in the names of objects that a rule is for. */
export function placesIn({ resourceNames }: Pick<TemplateRule, 'resourceNames'>): readonly string[] {
  return resourceNames.flatMap(text => [...text.matchAll(PLACE)].map(([, name = '']) => name))
}

function isAllowed(value: string, wanted: string): boolean {
  const pattern = parsePattern(wanted)
  return isPlain(value) && typeof pattern !== 'string' && matchesAll(value, pattern)
}

function how(name: string): string {
  if (name === 'namespace') return 'one namespace'
  return name === 'ticket' ? 'a ticket' : `--param ${name}=…`
}
