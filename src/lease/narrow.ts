import { isWithin, toPaths } from '../request/fields/field-path.ts'
import type { Rule, Scope } from './lease.ts'
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

/** A single grant: one value of each list, null where the list is empty and says "all" (or, for namespaces, "cluster"). */
type Atom =
  | { readonly kind: 'url'; readonly verb: string; readonly url: string }
  | {
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
    }

function atoms(rule: Rule): readonly Atom[] {
  const urls = rule.namespaces.length > 0 ? [] : rule.nonResourceURLs
  return rule.verbs.flatMap((verb): readonly Atom[] => [
    ...urls.map((url): Atom => ({ kind: 'url', verb, url })),
    ...resourceAtoms(rule, verb),
  ])
}

function resourceAtoms(rule: Rule, verb: string): readonly Atom[] {
  const { fields } = rule
  const stdin = rule.stdin || rule.commands.length === 0
  return rule.apiGroups.flatMap(group =>
    rule.resources.flatMap(resource =>
      orAll(rule.namespaces).flatMap(namespace =>
        orAll(rule.resourceNames).flatMap(name =>
          orAll(rule.commands).map(
            (command): Atom => ({ kind: 'resource', verb, group, resource, namespace, name, command, stdin, fields }),
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
  if (atom.kind === 'url') {
    return rule.namespaces.length === 0 && rule.nonResourceURLs.some(url => holdsUrl(url, atom.url))
  }
  const inNamespace = atom.namespace === null ? rule.namespaces.length === 0 : has(rule.namespaces, atom.namespace)
  const withName = rule.resourceNames.length === 0 || (atom.name !== null && rule.resourceNames.includes(atom.name))
  const inBounds = inNamespace && withName && holdsCommands(rule, atom) && holdsFields(rule, atom)
  return has(rule.apiGroups, atom.group) && holdsResource(rule, atom) && inBounds
}

type ResourceAtom = Extract<Atom, { readonly kind: 'resource' }>

function holdsCommands({ commands, stdin }: Rule, atom: ResourceAtom): boolean {
  if (commands.length === 0) return true
  const { command } = atom
  return command !== null && (stdin || !atom.stdin) && commands.some(wider => holdsCommand(wider, command))
}

function holdsFields({ fields }: Rule, atom: ResourceAtom): boolean {
  if (fields.length === 0 || isRead(atom.verb)) return true
  const wider = toPaths(fields)
  return atom.fields.length > 0 && toPaths(atom.fields).every(field => isWithin(field, wider))
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}

function holdsResource(rule: Rule, { group, resource }: ResourceAtom): boolean {
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
