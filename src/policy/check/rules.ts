import { isNarrower } from '../../lease/scope/narrow.ts'
import { suggest } from '../file/issues/suggest.ts'
import { knownResource, pluralOf } from '../known-resources.ts'
import { BUILT_IN_GROUPS } from '../pods/pod-kinds.ts'
import type { TaskTemplate, TemplateRule } from '../policy.ts'
import { issueScope } from '../template/issue-scope.ts'
import { aboutRule, type Warning } from './warning.ts'

const RESOURCE_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
/** No request has these, but Kubernetes asks for them on the way. */
const ASKED_BEHIND = ['bind', 'escalate', 'impersonate', 'approve', 'sign', 'attest', 'use', 'proxy']
const PATH_VERBS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete']

export function ruleWarnings(template: TaskTemplate): readonly Warning[] {
  return template.rules.flatMap((rule, index) =>
    [
      ...unknownVerbs(rule),
      ...namelessVerbs(rule),
      ...oddResources(rule),
      ...wrongScopes(rule),
      ...overshadowed(template, index),
    ].map(message => aboutRule(template, index, message)),
  )
}

function unknownVerbs({ verbs, nonResourceURLs }: TemplateRule): string[] {
  const known = nonResourceURLs.length > 0 ? PATH_VERBS : RESOURCE_VERBS
  return verbs
    .filter(verb => verb !== '*' && !known.includes(verb) && !ASKED_BEHIND.includes(verb))
    .map(verb => `no request has the verb "${verb}"${suggest(verb, known)}`)
}

function namelessVerbs({ verbs, resourceNames }: TemplateRule): string[] {
  const void_ = resourceNames.length > 0 && verbs.includes('deletecollection')
  return void_ ? ['deletecollection has no name to compare, so resourceNames make it void'] : []
}

function oddResources({ resources, apiGroups }: TemplateRule): string[] {
  return resources.flatMap(entry => {
    const [resource = ''] = entry.split('/')
    const plural = pluralOf(resource)
    if (plural !== null) return [`there is no resource "${resource}", did you mean "${plural}"?`]
    const groups = knownResource(resource)?.groups
    if (groups === undefined || apiGroups.some(group => groups.includes(group) || mayHaveAny(group))) return []
    return [`${resource} are not in the named groups but in "${groups[0] ?? ''}"`]
  })
}

/** Groups of others, whose names have a dot, may have a kind of any name; so may those that a star stands for. */
function mayHaveAny(group: string): boolean {
  return group === '*' || (group.includes('.') && !BUILT_IN_GROUPS.has(group))
}

/** A cluster rule does not reach into namespaces: of what lives in them it covers only lists and watches of all at once. */
function wrongScopes({ scope, resources, apiGroups, verbs }: TemplateRule): string[] {
  return resources.flatMap(entry => {
    const [resource = ''] = entry.split('/')
    const known = knownResource(resource)
    if (known === null || !apiGroups.some(group => group === '*' || known.groups.includes(group))) return []
    if (scope === 'namespaces') {
      return known.namespaced ? [] : [`${resource} are in no namespace and want a rule with scope: cluster`]
    }
    const void_ = verbs.filter(verb => verb !== 'list' && verb !== 'watch' && verb !== '*')
    return known.namespaced && void_.length > 0
      ? [`${resource} are in namespaces: with scope: cluster ${void_.join(', ')} grants nothing`]
      : []
  })
}

function overshadowed(template: TaskTemplate, index: number): string[] {
  // With places as they stand: each is one word, the same in every rule of a lease.
  const { parameters: _, ...unfilled } = template
  const scope = issueScope(unfilled, ['a'])
  const rule = scope[index]
  if (rule === undefined) return []
  const others = scope.filter((_, at) => at !== index)
  // Of two equal rules only the later one is named.
  const wider = others.filter((other, at) => at < index || !isNarrower([other], [rule]))
  return isNarrower([rule], wider) ? ['adds nothing to the other rules'] : []
}
