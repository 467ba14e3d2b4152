import type { Rule, Scope } from '../../lease/lease.ts'
import { isNarrower, narrow } from '../../lease/scope/narrow.ts'
import type { PathAttributes, ResourceAttributes } from './read-review.ts'
import { VERBS } from './reviewed-requests.ts'

/** The lists of a SelfSubjectRulesReview's status. */
export interface RuleLists {
  readonly resourceRules: readonly object[]
  readonly nonResourceRules: readonly object[]
}

/** What would be said of each thing that a rule names, were it asked about by itself. */
export interface Answers {
  readonly resource: (attributes: ResourceAttributes) => boolean
  readonly path: (attributes: PathAttributes) => boolean
  /** Of the verb, whatever kind it is for. */
  readonly verb: (verb: string) => boolean
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

/** Each is judged as a request is. What is left out is there for who asks about it. */
const MOST_ASKED = 1000

/**
 * What is granted in a namespace, and in the cluster, by each of these scopes: a lease's, and those of its template and of others that bind it today.
 * Nothing is named that is a no by itself; of a `*` that is known of its verbs alone.
 */
export function rulesIn(namespace: string, scopes: readonly Scope[], answers: Answers): RuleLists {
  const here = scopes.map(scope => narrow(scope, [namespace]))
  const all = here.flatMap(scope =>
    scope.filter(rule => rule.verbs.length > 0 && here.every(other => other === scope || isNarrower([rule], other))),
  )
  const rules = [...new Map(all.map(rule => [JSON.stringify(rule), rule])).values()]
  let left = MOST_ASKED
  const once = <T>(asked: T, say: (asked: T) => boolean): boolean => left-- > 0 && say(asked)
  const counted: Answers = {
    resource: asked => once(asked, answers.resource),
    path: asked => once(asked, answers.path),
    verb: answers.verb,
  }
  const resourceRules = rules.flatMap(rule => resourceRulesOf(rule, namespace, counted))
  return {
    resourceRules: [
      ...OPEN.resourceRules,
      ...new Map(resourceRules.map(rule => [JSON.stringify(rule), rule])).values(),
    ],
    nonResourceRules: [
      ...OPEN.nonResourceRules,
      ...rules.filter(({ namespaces }) => namespaces.length === 0).flatMap(rule => pathRulesOf(rule, counted)),
    ],
  }
}

interface Cell {
  readonly group: string
  readonly resource: string
  readonly name: string
}

/** As the rule says it where all of it is a yes; else what is left of it, kind by kind. */
function resourceRulesOf(rule: Rule, namespace: string, answers: Answers): readonly object[] {
  const { verbs, apiGroups, resources, resourceNames } = rule
  const names = resourceNames.length === 0 ? [''] : resourceNames
  const cells = apiGroups.flatMap(group =>
    resources.flatMap(resource => names.map((name): Cell => ({ group, resource, name }))),
  )
  const where = rule.namespaces.length === 0 ? '' : namespace
  const said = cells.map(cell => ({ cell, verbs: verbsOf(verbs, verb => mayBeListed(cell, verb, where, answers)) }))
  if (said.every(each => each.verbs === verbs)) return cells.length === 0 ? [] : [toResourceRule(rule)]
  const byRest = Map.groupBy(
    said.filter(each => each.verbs.length > 0),
    ({ cell: { group, name }, verbs: may }) => JSON.stringify([may, group, name]),
  )
  return [...byRest.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return []
    const { group, name } = first.cell
    const kinds = [first, ...more].map(({ cell }) => cell.resource)
    const named = name === '' ? [] : [name]
    return [toResourceRule({ verbs: first.verbs, apiGroups: [group], resources: kinds, resourceNames: named })]
  })
}

function mayBeListed({ group, resource, name }: Cell, verb: string, namespace: string, answers: Answers): boolean {
  if (group === '*' || resource.includes('*')) return (verb === '*' ? [verb, ...VERBS] : [verb]).every(answers.verb)
  const [kind = '', subresource = ''] = resource.split('/')
  return answers.resource({ namespace, verb, group, resource: kind, subresource, name, fieldSelector: '' })
}

function pathRulesOf({ verbs, nonResourceURLs }: Rule, answers: Answers): readonly object[] {
  return nonResourceURLs.flatMap(path => {
    const may = verbsOf(verbs, verb => answers.path({ path, verb }))
    return may.length === 0 ? [] : [{ verbs: may, nonResourceURLs: [path] }]
  })
}

/** The same list where all of them may be named; of a `*` that may not, those that may. */
function verbsOf(verbs: readonly string[], may: (verb: string) => boolean): readonly string[] {
  if (verbs.every(may)) return verbs
  const each = verbs.includes('*') ? VERBS : verbs
  return each.filter(may)
}

function toResourceRule({
  verbs,
  apiGroups,
  resources,
  resourceNames,
}: Pick<Rule, 'verbs' | 'apiGroups' | 'resources' | 'resourceNames'>): object {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) }
}
