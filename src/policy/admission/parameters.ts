import type { Policy, TaskTemplate, TemplateRule } from '../policy.ts'
import type { Variable } from './objects.ts'

/** Keys of one template end in these; a template's name has no upper case, so that no key is two things. */
export const DANGEROUS_KEY = '.dangerous'
export const ACCOUNTS_KEY = '.serviceAccounts'
export const IMAGES_KEY = '.images'
/** Rules by which something may be changed, of templates of which one has fields. */
export const RULES_KEY = '.rules'
/** The boundary's own namespace, and service accounts that are agents: they get no rights of their own. */
export const GUARDED_KEY = 'guardedNamespace'
export const AGENTS_KEY = 'agentAccounts'

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+:[^:]+)$/

/**
 * What of the policy file the admission policies go by: lists of words, since CEL reads no YAML. It is in the policies themselves: were
 * it in an object of its own, as their parameters, every write of everybody would be refused from the moment that one is deleted, and
 * with it the heartbeats of nodes.
 */
export function toParameters(policy: Policy, guarded: string): Variable {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    [AGENTS_KEY, policy.agents.flatMap(({ match }) => SERVICE_ACCOUNT.exec(match.claims['sub'] ?? '')?.[1] ?? [])],
    ...policy.templates.flatMap(({ name, dangerous, serviceAccounts, images = [] }) => [
      [`${name}${DANGEROUS_KEY}`, dangerous] as const,
      [`${name}${ACCOUNTS_KEY}`, serviceAccounts] as const,
      [`${name}${IMAGES_KEY}`, images.flat()] as const,
    ]),
  ]
  const data = lists.filter(([, words]) => words.length > 0).map(([key, words]) => [key, words.join(' ')] as const)
  const rules = policy.templates.flatMap(template => {
    const lines = linesOf(template)
    return lines === '' ? [] : [[`${template.name}${RULES_KEY}`, lines] as const]
  })
  const sorted = [[GUARDED_KEY, guarded] as const, ...data, ...rules].sort(([a], [b]) => (a < b ? -1 : 1))
  // What JSON calls an object of texts, CEL calls a map of them.
  return { name: 'parameters', expression: JSON.stringify(Object.fromEntries(sorted)) }
}

/** One line a rule, its parts with tabs between them: groups, resources, names, and then each field. */
function linesOf({ rules }: TaskTemplate): string {
  const changing = rules.filter(
    rule => rule.resources.length > 0 && rule.verbs.some(verb => CHANGES.has(verb)) && mayWrite(rule),
  )
  return changing.some(({ fields }) => fields.length > 0) ? changing.map(lineOf).join('\n') : ''
}

/** What is for metadata, or for what a selector selects, covers no write of an object. */
function mayWrite({ metadataOnly, labelSelector, fieldSelector }: TemplateRule): boolean {
  return metadataOnly !== true && labelSelector === undefined && fieldSelector === undefined
}

const CHANGES: ReadonlySet<string> = new Set(['update', 'patch', '*'])

function lineOf({ apiGroups, resources, resourceNames, fields }: TemplateRule): string {
  return [...[apiGroups, resources, resourceNames].map(words => words.join(' ')), ...fields].join('\t')
}
