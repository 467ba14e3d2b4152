import { isFieldWithin, toFields } from '../../request/fields/field.ts'
import { isFieldSelectorWithin, isLabelSelectorWithin } from '../../request/selectors/at-least.ts'
import type { Rule, Scope } from '../lease.ts'
import { isRead } from './scope.ts'

/**
 * The scope within these namespaces only. Cluster-scoped rules stay; a namespaced rule that is left with no namespace goes,
 * for an empty list would make it cluster-scoped.
 */
export function narrow(scope: Scope, namespaces: readonly string[]): Scope {
  return scope.flatMap(rule => {
    if (rule.namespaces.length === 0) return [rule]
    const left = rule.namespaces.includes('*')
      ? namespaces
      : rule.namespaces.filter(one => namespaces.includes(one) || namespaces.includes('*'))
    return left.length === 0 ? [] : [{ ...rule, namespaces: left }]
  })
}

/**
 * Whether everything that `child` covers is covered by `parent`. Each rule of the child is taken apart into single grants, and each
 * of those must lie in one rule of the parent; `*` lies only in `*`. Says no to some scopes that are narrower in effect, never yes
 * to one that is wider.
 */
export function isNarrower(child: Scope, parent: Scope): boolean {
  return child.every(rule => atoms(rule).every(atom => parent.some(wider => holds(wider, atom))))
}

interface Reads {
  readonly metadataOnly?: boolean | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** A single grant: one value of each list, null where the list is empty and says "all" (or, for namespaces, "cluster"). */
type Atom =
  | { readonly kind: 'url'; readonly verb: string; readonly url: string }
  | ({
      readonly kind: 'resource'
      readonly verb: string
      readonly group: string
      readonly resource: string
      readonly namespace: string | null
      readonly name: string | null
      readonly command: readonly string[] | null
      readonly stdin: boolean
      /** All of them at once: one patch may change several. */
      readonly fields: readonly string[]
    } & Reads)

function atoms(rule: Rule): readonly Atom[] {
  const urls = rule.namespaces.length > 0 ? [] : rule.nonResourceURLs
  return rule.verbs.flatMap((verb): readonly Atom[] => [
    ...urls.map((url): Atom => ({ kind: 'url', verb, url })),
    ...resourceAtoms(rule, verb),
  ])
}

function resourceAtoms(rule: Rule, verb: string): readonly Atom[] {
  const { fields, metadataOnly, labelSelector, fieldSelector } = rule
  const reads = { metadataOnly, labelSelector, fieldSelector }
  const stdin = rule.stdin || rule.commands.length === 0
  return rule.apiGroups.flatMap(group =>
    rule.resources.flatMap(resource =>
      orAll(rule.namespaces).flatMap(namespace =>
        orAll(rule.resourceNames).flatMap(name =>
          orAll(rule.commands).map(
            (command): Atom => ({
              kind: 'resource',
              verb,
              group,
              resource,
              namespace,
              name,
              command,
              stdin,
              fields,
              ...reads,
            }),
          ),
        ),
      ),
    ),
  )
}

function orAll<T>(values: readonly T[]): readonly (T | null)[] {
  return values.length === 0 ? [null] : values
}

function holds(rule: Rule, atom: Atom): boolean {
  if (!has(rule.verbs, atom.verb)) return false
  if (atom.kind === 'url') return holdsUrls(rule, atom.url)
  const inBounds = holdsNamespace(rule, atom.namespace) && holdsName(rule, atom.name) && holdsReads(rule, atom)
  return holdsKind(rule, atom.group, atom.resource) && inBounds && holdsCommands(rule, atom) && holdsFields(rule, atom)
}

/** The same as `isNarrower` for one rule in another, list by list: its cost grows with the lists, not with their product. */
export function isWithin(rule: Rule, wider: Rule): boolean {
  const stdin = rule.stdin || rule.commands.length === 0
  const urls = rule.namespaces.length > 0 ? [] : rule.nonResourceURLs
  const isOfKinds = rule.apiGroups.length > 0 && rule.resources.length > 0
  if (rule.verbs.length === 0 || (!isOfKinds && urls.length === 0)) return true
  if (!rule.verbs.every(verb => has(wider.verbs, verb))) return false
  if (!urls.every(url => holdsUrls(wider, url))) return false
  return (
    !isOfKinds ||
    (rule.apiGroups.every(group => rule.resources.every(resource => holdsKind(wider, group, resource))) &&
      orAll(rule.namespaces).every(namespace => holdsNamespace(wider, namespace)) &&
      orAll(rule.resourceNames).every(name => holdsName(wider, name)) &&
      holdsReads(wider, rule) &&
      orAll(rule.commands).every(command => holdsCommands(wider, { command, stdin })) &&
      rule.verbs.every(verb => holdsFields(wider, { verb, fields: rule.fields })))
  )
}

type ResourceAtom = Extract<Atom, { readonly kind: 'resource' }>

function holdsUrls({ namespaces, nonResourceURLs }: Rule, url: string): boolean {
  return namespaces.length === 0 && nonResourceURLs.some(wider => holdsUrl(wider, url))
}

function holdsNamespace({ namespaces }: Rule, namespace: ResourceAtom['namespace']): boolean {
  return namespace === null ? namespaces.length === 0 : has(namespaces, namespace)
}

function holdsName({ resourceNames }: Rule, name: ResourceAtom['name']): boolean {
  return resourceNames.length === 0 || (name !== null && resourceNames.includes(name))
}

function holdsCommands({ commands, stdin }: Rule, given: Pick<ResourceAtom, 'command' | 'stdin'>): boolean {
  if (commands.length === 0) return true
  const { command } = given
  return command !== null && (stdin || !given.stdin) && commands.some(wider => holdsCommand(wider, command))
}

function holdsFields({ fields }: Rule, given: Pick<ResourceAtom, 'verb' | 'fields'>): boolean {
  if (fields.length === 0 || isRead(given.verb)) return true
  const wider = toFields(fields)
  return given.fields.length > 0 && toFields(given.fields).every(field => isFieldWithin(field, wider))
}

function holdsReads(wider: Rule, given: Reads): boolean {
  return (
    (wider.metadataOnly !== true || given.metadataOnly === true) &&
    (wider.labelSelector === undefined || isLabelSelectorWithin(given.labelSelector ?? '', wider.labelSelector)) &&
    (wider.fieldSelector === undefined || isFieldSelectorWithin(given.fieldSelector ?? '', wider.fieldSelector))
  )
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}

function holdsKind(rule: Rule, group: string, resource: string): boolean {
  if (!has(rule.apiGroups, group)) return false
  if (rule.resources.includes(resource)) return true
  const [parent, subresource] = resource.split('/')
  // Kubernetes' own want to be named.
  if (parent === 'namespaces' && (group === '' || group === '*')) return false
  return rule.resources.includes('*') || (subresource !== undefined && rule.resources.includes(`*/${subresource}`))
}

function holdsUrl(wider: string, url: string): boolean {
  if (wider === '*' || wider === url) return true
  return wider.endsWith('*') && url.startsWith(wider.replace(/\*+$/, ''))
}

function holdsCommand(wider: readonly string[], pattern: readonly string[]): boolean {
  const open = wider.at(-1) === '**'
  const fixed = open ? wider.slice(0, -1) : wider
  if (pattern.at(-1) === '**' && !open) return false
  const given = pattern.at(-1) === '**' ? pattern.slice(0, -1) : pattern
  if (open ? given.length < fixed.length : given.length !== fixed.length) return false
  return fixed.every((part, index) => part === '*' || part === given[index])
}
