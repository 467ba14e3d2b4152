import type { Rule } from '../../lease/lease.ts'
import type { TemplateRule } from '../policy.ts'
import { withPlaces } from './places.ts'
import type { Use } from './use.ts'

export interface Suggestion {
  readonly rules: readonly TemplateRule[]
  /** Sorted; `*` where a list over all of them was wanted. */
  readonly namespaces: readonly string[]
  /** Where the record does not say enough to be exact: those rules are as wide as they were granted. */
  readonly notes: readonly string[]
}

/** More names than that are a kind of object, not objects. */
const MOST_NAMES = 10
const MOST_COMMANDS = 20

/** Their names are made anew with each rollout: pinned to them, the next task would be refused. */
const GENERATED: ReadonlySet<string> = new Set([
  'pods',
  'replicasets',
  'controllerrevisions',
  'events',
  'endpointslices',
  // Of cert-manager, Tekton and Argo.
  'certificaterequests',
  'orders',
  'challenges',
  'pipelineruns',
  'taskruns',
  'workflows',
])

/** As a controller ends the names that it makes: a CronJob by the minute, others by five of these signs, of which a word has no digit. */
const MADE = /-(?:\d{8,}|(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{5})$/

/** Whatever they are recorded as, they want to create: a WebSocket comes as a get. */
const STREAMS: ReadonlySet<string> = new Set(['pods/exec', 'pods/attach', 'pods/portforward'])

/** What a rule's commands are about. */
const RUNS: ReadonlySet<string> = new Set(['pods/exec', 'pods/attach'])

const MASKED = '[masked]'

/**
 * The smallest rules that would have allowed all of these: what was used of each rule, with names where there are few that stay. They
 * cover every use, and in the namespaces where it was granted nothing that the granted rules did not.
 */
export function suggestRules(done: readonly Use[]): Suggestion {
  const { uses, notes: ofPlaces } = withPlaces(done)
  const notes = new Set(ofPlaces)
  const wanted = uses.flatMap(use => use.covered.map(one => wantedOf(use, one)))
  const byObject = [...Map.groupBy(wanted, ({ key }) => key).values()].map(group => toRule(group, notes))
  const rules = merge(merge(byObject, 'verbs'), 'resources').toSorted(inOrder)
  const namespaces = [...new Set(wanted.flatMap(({ namespace }) => namespace ?? []))].toSorted()
  noteNamespaces(wanted, namespaces, notes)
  if (!namespaces.includes('*')) return { rules, namespaces, notes: [...notes].toSorted() }
  notes.add(
    `something was listed over all namespaces, so all are wanted; without that: ${namespaces.slice(1).join(', ')}`,
  )
  return { rules, namespaces: ['*'], notes: [...notes].toSorted() }
}

/** A template's rules hold in all of its namespaces. */
function noteNamespaces(wanted: readonly Wanted[], all: readonly string[], notes: Set<string>): void {
  for (const [resource, uses] of Map.groupBy(wanted, ({ use }) => use.resource)) {
    const own = [...new Set(uses.flatMap(({ namespace }) => namespace ?? []))].toSorted()
    if (own.length > 0 && own.length < all.length)
      notes.add(`${resource} was used in ${own.join(', ')} alone, and a template's rules hold in all of its namespaces`)
  }
}

/** What one use wants of one rule. */
interface Wanted {
  readonly key: string
  readonly use: Use
  readonly rule: Rule
  readonly verbs: readonly string[]
  /** Null: of no namespace. */
  readonly namespace: string | null
}

function wantedOf(use: Use, { rule, verbs: needed }: Use['covered'][number]): Wanted {
  const own = STREAMS.has(use.resource) ? 'create' : use.verb
  const verbs = needed.length === 0 ? [own] : sorted(needed)
  // A list over all namespaces has none, and only a rule for every one covers it.
  const namespace = rule.namespaces.length === 0 ? null : use.namespace || '*'
  const key = JSON.stringify([
    namespace === null,
    verbs,
    use.apiGroup,
    use.resource,
    use.url === '',
    // Two rules that grant different things stay two.
    rule.fields,
    rule.metadataOnly === true,
    rule.labelSelector ?? '',
    rule.fieldSelector ?? '',
    rule.resourceNames,
    rule.commands,
    rule.stdin,
  ])
  return { key, use, rule, verbs, namespace }
}

function toRule(group: readonly Wanted[], notes: Set<string>): TemplateRule {
  const [{ use, rule, verbs, namespace } = never()] = group
  const uses = group.map(one => one.use)
  const isUrl = use.url !== ''
  return {
    scope: namespace === null ? 'cluster' : 'namespaces',
    verbs,
    apiGroups: isUrl ? [] : [use.apiGroup],
    resources: isUrl ? [] : [use.resource],
    resourceNames: isUrl ? [] : namesOf(uses, rule, notes),
    nonResourceURLs: isUrl ? sorted(uses.map(({ url }) => url)) : [],
    commands: RUNS.has(use.resource) ? commandsOf(uses, rule, notes) : [],
    stdin: uses.some(({ stdin }) => stdin),
    fields: rule.fields,
    ...readsOf(rule),
  }
}

/** As they were granted: what a client selected by is its own. */
function readsOf({ metadataOnly, labelSelector, fieldSelector }: Rule) {
  return {
    ...(metadataOnly === undefined ? {} : { metadataOnly }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }
}

/** None where one of them had none, for a rule with names covers none of those. */
function namesOf(uses: readonly Use[], { resourceNames }: Rule, notes: Set<string>): readonly string[] {
  const names = sorted(uses.map(({ name }) => name))
  const [kind = ''] = uses[0]?.resource.split('/') ?? []
  if (resourceNames.length > 0 && names.includes('')) return resourceNames
  const made = GENERATED.has(kind) ? undefined : names.find(name => MADE.test(name))
  if (made !== undefined)
    notes.add(`${kind}: names like ${made} are made anew by what controls them; they are as they were granted`)
  const isPinned = !names.includes('') && names.length <= MOST_NAMES && !GENERATED.has(kind) && made === undefined
  return isPinned ? names : resourceNames
}

function commandsOf(uses: readonly Use[], { commands }: Rule, notes: Set<string>): readonly (readonly string[])[] {
  const used = uses.map(({ command }) => command).filter(({ length }) => length > 0)
  // An attach has none.
  if (used.length === 0) return commands
  const distinct = [...new Map(used.map(command => [JSON.stringify(command), command])).values()]
  const isExact =
    used.length === uses.length && !used.flat().some(word => word.includes(MASKED) || word === '*' || word === '**')
  if (isExact && distinct.length <= MOST_COMMANDS) return distinct
  notes.add('exec: some commands are not on record as they were, or are too many; they are as they were granted')
  return commands
}

/** Rules that differ in that list alone become one. */
function merge(rules: readonly TemplateRule[], field: 'verbs' | 'resources'): readonly TemplateRule[] {
  const groups = Map.groupBy(rules, rule => JSON.stringify({ ...rule, [field]: [] }))
  return [...groups.values()].map(group => {
    const [first = never()] = group
    return { ...first, [field]: sorted(group.flatMap(rule => rule[field])) }
  })
}

function inOrder(a: TemplateRule, b: TemplateRule): number {
  const key = ({ scope, apiGroups, resources, verbs }: TemplateRule) =>
    JSON.stringify([scope, apiGroups, resources, verbs])
  return key(a) < key(b) ? -1 : 1
}

function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted()
}

function never(): never {
  throw new Error('a group has at least one member')
}
