import { type Match, type RiskRule, TIERS } from '../../../lease/questions/risk-rule.ts'
import { matchesPattern } from '../../matches-pattern.ts'
import { bringsPods } from '../../pods/pod-kinds.ts'
import type { Policy, TaskTemplate, TemplateRule } from '../../policy.ts'
import { isSelected } from '../../risk-rules/acting-notes.ts'
import { reaches, type Warning } from '../warning.ts'

const WRITES = ['create', 'update', 'patch']
const DELETES = ['delete', 'deletecollection']

/** Risk rules that say nothing: no request can be what they mean, or another rule says it already. */
export function riskRuleWarnings({ riskRules = [], templates }: Policy): readonly Warning[] {
  return riskRules.flatMap((rule, index) => {
    const { match } = rule
    if (match === null) return []
    const void_ = [...withoutTemplate(match, templates), ...contradictions(match), ...missesScale(match)]
    const messages = void_.length > 0 ? void_ : shadowed(rule, riskRules, index)
    return messages.map(message => ({ template: null, rule: null, message: `risk rule "${rule.id}" ${message}` }))
  })
}

function withoutTemplate(match: Match, templates: readonly TaskTemplate[]): readonly string[] {
  const isGranted = templates.some(({ rules, grants }) => {
    const here = grants.some(({ namespaces }) => meetsNames(match.namespaces, namespaces))
    return rules.some(rule => (here || rule.scope === 'cluster') && meets(match, rule))
  })
  return isGranted ? [] : ['never matches: no template grants what it is about']
}

function meets({ verbs, apiGroups, resources, resourceNames }: Match, rule: TemplateRule): boolean {
  if (rule.resources.length === 0) return false
  const groups = apiGroups.length === 0 || apiGroups.includes('*') ? rule.apiGroups : apiGroups
  const kinds = resources.length === 0 || resources.includes('*') ? rule.resources : resources
  const asked = verbs.length === 0 || verbs.includes('*') ? rule.verbs : verbs
  const isOfKind = asked.some(verb =>
    groups.some(group => kinds.some(resource => reaches(rule, verb, { group, resource }) || isPart(resource, rule))),
  )
  return isOfKind && meetsNames(resourceNames, rule.resourceNames.length === 0 ? ['*'] : rule.resourceNames)
}

/** A star before a slash, against a rule that names such a part. */
function isPart(resource: string, rule: TemplateRule): boolean {
  return resource.startsWith('*/') && rule.resources.some(one => one.endsWith(resource.slice(1)))
}

/** Whether patterns with a last star and names, or `*` for all, have one in common; no patterns are all. */
function meetsNames(patterns: readonly string[], names: readonly string[]): boolean {
  return (
    patterns.length === 0 ||
    names.includes('*') ||
    names.some(name => patterns.some(pattern => matchesPattern(name, pattern)))
  )
}

function contradictions(match: Match): readonly string[] {
  const { verbs, apiGroups, resources, resourceNames, changes, changesOnly, minObjects, ownPrefixes = [] } = match
  const only = (allowed: readonly string[]) =>
    verbs.length > 0 && !verbs.some(verb => verb === '*' || allowed.includes(verb))
  const named = resources.length > 0 && !resources.some(resource => resource.includes('*'))
  const noPods = named && apiGroups.every(apiGroup => resources.every(resource => !hasPods(apiGroup, resource)))
  return [
    ...(changes.length > 0 && only([...WRITES, ...DELETES]) ? ['never matches: its verbs change nothing'] : []),
    ...(changesOnly.length > 0 && only(['patch']) ? ['never matches: changesOnly is seen of patches alone'] : []),
    ...(changesOnly.join() === 'labels' && named && ownPrefixes.length === 0 && areSelected(match)
      ? [
          `never matches: others find ${resources.join(', ')} by any label, so none is a label alone; name those of your own under ownPrefixes`,
        ]
      : []),
    ...(changes.length > 0 && changes.every(one => one === 'image' || one === 'env') && noPods
      ? [`never matches: ${resources.join(', ')} run no containers`]
      : []),
    ...(minObjects > 0 && resourceNames.length > 0
      ? ['asks for many objects of one name: they are many only where they have none']
      : []),
  ]
}

function areSelected({ apiGroups, resources }: Match): boolean {
  return (
    !resources.some(one => one.includes('*')) &&
    apiGroups.every(group => resources.every(one => isSelected(group, one)))
  )
}

function hasPods(apiGroup: string, entry: string): boolean {
  const [resource = '', subresource = ''] = entry.split('/')
  return bringsPods({ isResourceRequest: true, verb: 'patch', apiGroup, resource, subresource }) !== 'no'
}

const SCALED = /^(?:deployments|statefulsets|replicasets|replicationcontrollers)$/

/** kubectl scale writes to a part of the object that wants to be named. */
function missesScale({ changes, resources }: Match): readonly string[] {
  if (!changes.includes('replicas')) return []
  return resources
    .filter(one => SCALED.test(one) && !resources.includes(`${one}/scale`) && !resources.includes('*/scale'))
    .map(one => `does not see kubectl scale: name ${one}/scale too`)
}

/** Of two that say the same only the later one is named. */
function shadowed(rule: RiskRule, rules: readonly RiskRule[], index: number): readonly string[] {
  const other = rules.find((one, at) => {
    if (at === index || one.match === null || rule.match === null || !isWithin(rule.match, one.match)) return false
    if (one.match.replaces.includes(rule.id)) return true
    const weighs = TIERS.indexOf(one.tier) - TIERS.indexOf(rule.tier)
    return rule.match.replaces.length === 0 && (weighs > 0 || (weighs === 0 && at < index))
  })
  if (other === undefined) return []
  if (other.match?.replaces.includes(rule.id)) return [`never counts: "${other.id}" stands for all of it`]
  return [
    `is shadowed by "${other.id}": that one means all of it, and weighs ${other.tier === rule.tier ? 'as much' : 'more'}`,
  ]
}

/** Whether everything that one means the other means as well. */
function isWithin(one: Match, other: Match): boolean {
  const covered = (a: readonly string[], b: readonly string[]) =>
    b.length === 0 || (a.length > 0 && a.every(value => b.some(wide => wide === '*' || wide === value)))
  const named = (a: readonly string[], b: readonly string[]) =>
    b.length === 0 ||
    (a.length > 0 &&
      a.every(value => b.some(wide => wide === value || (wide.endsWith('*') && matchesPattern(value, wide)))))
  return (
    covered(one.verbs, other.verbs) &&
    covered(one.apiGroups, other.apiGroups) &&
    covered(one.resources, other.resources) &&
    named(one.resourceNames, other.resourceNames) &&
    named(one.namespaces, other.namespaces) &&
    covered(one.changes, other.changes) &&
    covered(one.changesOnly, other.changesOnly) &&
    (one.ownPrefixes ?? []).every(prefix => other.ownPrefixes?.includes(prefix)) &&
    one.minObjects >= other.minObjects
  )
}
