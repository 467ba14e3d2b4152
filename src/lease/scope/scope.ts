import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { beyondFields } from '../../request/fields/beyond-fields.ts'
import { toFields } from '../../request/fields/field.ts'
import { objectName } from '../../request/object/object-name.ts'
import { isFieldSelectorWithin, isLabelSelectorWithin } from '../../request/selectors/at-least.ts'
import type { Rule, Scope } from '../lease.ts'
import { likelyRules } from './likely-rules.ts'

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/** Whether the verb changes nothing, so that there are no fields to compare. */
export function isRead(verb: string): boolean {
  return READS.has(verb)
}

/** Which rules cover the request, for people: `rule 2`, or where it needs several verbs with them: `rule 1: patch, rule 3: create`. */
export interface Covered {
  readonly rule: string
}

/**
 * Whether the scope grants every verb that the request needs, with the semantics of Kubernetes' RBAC: one rule must match verb, group,
 * resource, name and namespace together; rules only add up. Stricter than RBAC in this: an unknown method ('') is never covered,
 * `namespaces` wants a rule of its own, and a namespaced rule for every namespace does not reach cluster-scoped objects but by list.
 * Sharper than RBAC in this: a create has the name that its body gives it.
 */
export function covers(scope: Scope, request: ApiRequest): Covered | null {
  const likely = likelyRules(scope, request)
  const [only, another] = request.verbs
  if (only !== undefined && another === undefined) {
    const index = firstOf(scope, likely, rule => grants(rule, only, request))
    return index === -1 ? null : { rule: `rule ${index + 1}` }
  }
  const used = new Map<number, readonly string[]>()
  for (const verb of request.verbs) {
    const index = firstOf(scope, likely, rule => grants(rule, verb, request))
    if (index === -1) return null
    used.set(index, [...(used.get(index) ?? []), verb])
  }
  if (used.size === 0) return null
  const says = [...used].map(([index, verbs]) => `rule ${index + 1}: ${verbs.join(' ')}`)
  return { rule: says.join(', ') }
}

/** Among those places, or all. */
function firstOf(scope: Scope, places: readonly number[] | null, isIt: (rule: Rule) => boolean): number {
  if (places === null) return scope.findIndex(isIt)
  return (
    places.find(at => {
      const rule = scope[at]
      return rule !== undefined && isIt(rule)
    }) ?? -1
  )
}

/** Whether this one rule grants this one verb of the request. */
export function grants(rule: Rule, verb: string, request: ApiRequest): boolean {
  if (verb === '' || !matches(rule.verbs, verb)) return false
  const { info } = request
  if (!info.isResourceRequest) return rule.namespaces.length === 0 && coversUrl(rule, request.path)
  return (
    matches(rule.apiGroups, info.apiGroup) &&
    coversResource(rule, info) &&
    coversNamespace(rule, verb, request) &&
    coversName(rule, request) &&
    coversCommand(rule, request) &&
    coversFields(rule, verb, request) &&
    coversAnswer(rule, verb, request) &&
    coversSelection(rule, verb, request)
  )
}

function matches(granted: readonly string[], asked: string): boolean {
  return granted.includes('*') || granted.includes(asked)
}

export function coversResource(
  rule: Pick<Rule, 'resources'>,
  info: Pick<RequestInfo, 'apiGroup' | 'resource' | 'subresource'>,
): boolean {
  const { resource, subresource } = info
  const exact = subresource === '' ? resource : `${resource}/${subresource}`
  if (rule.resources.includes(exact)) return true
  if (isNamespace(info)) return false
  return rule.resources.includes('*') || (subresource !== '' && rule.resources.includes(`*/${subresource}`))
}

/** Kubernetes' own; other groups may have a kind of the same name, and mean anything by it. */
export function isNamespace({ apiGroup, resource }: Pick<RequestInfo, 'apiGroup' | 'resource'>): boolean {
  return apiGroup === '' && resource === 'namespaces'
}

/** For a request on the object /api/v1/namespaces/x Kubernetes says namespace x: a rule for what is in x must not reach x itself. */
export function coversNamespace(
  rule: Pick<Rule, 'namespaces'>,
  verb: string,
  { info, inNamespace }: Pick<ApiRequest, 'info' | 'inNamespace'>,
): boolean {
  if (rule.namespaces.length === 0) return !inNamespace
  if (inNamespace) return matches(rule.namespaces, info.namespace)
  const listsAll = (verb === 'list' || verb === 'watch') && info.namespace === ''
  return listsAll && !isNamespace(info) && rule.namespaces.includes('*')
}

/**
 * A request without a name (a list without a selector for one name, a create whose name is generated) is covered only by a rule for
 * every name, and so is a body that cannot be read, for it might name anything.
 */
export function coversName(rule: Rule, request: ApiRequest): boolean {
  if (rule.resourceNames.length === 0) return true
  const name = objectName(request)
  return name !== null && name !== '' && rule.resourceNames.includes(name)
}

function coversUrl(rule: Rule, path: string): boolean {
  return rule.nonResourceURLs.some(url => {
    if (url === '*' || url === path) return true
    return url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))
  })
}

/**
 * A rule with commands says what exec may run. attach has none to compare, so only a rule that allows any covers it. What comes over
 * stdin is no argument that could be compared: it stays closed unless the rule opens it.
 */
export function coversCommand(rule: Rule, request: ApiRequest): boolean {
  if (rule.commands.length === 0 || !runsCommand(request.info)) return true
  const { command, stdin = false } = request.stream ?? {}
  if (command === undefined || (stdin && !rule.stdin)) return false
  return rule.commands.some(pattern => matchesCommand(pattern, command))
}

/** A rule with fields says what a patch may change; it covers no other write. Subresources are objects of their own, and want to be named. */
export function coversFields(rule: Rule, verb: string, request: ApiRequest): boolean {
  if (rule.fields.length === 0 || isRead(verb)) return true
  const { subresource } = request.info
  const named = subresource === '' || rule.resources.some(resource => resource.endsWith(`/${subresource}`))
  return verb === 'patch' && named && beyondFields(request, toFields(rule.fields)) === null
}

/** A rule for metadata covers no write: those are answered with objects too. */
export function coversAnswer({ metadataOnly }: Rule, verb: string, request: Pick<ApiRequest, 'answer'>): boolean {
  // What it is answered with is read when it is asked for, and few rules ask.
  return metadataOnly !== true || (isRead(verb) && request.answer !== 'whole')
}

const SELECTS: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

/** A rule with a selector is for what is selected by it: an object that is named may be any. */
export function coversSelection(
  { labelSelector, fieldSelector }: Rule,
  verb: string,
  { info }: Pick<ApiRequest, 'info'>,
): boolean {
  if (labelSelector === undefined && fieldSelector === undefined) return true
  return (
    SELECTS.has(verb) &&
    (labelSelector === undefined || isLabelSelectorWithin(info.labelSelector, labelSelector)) &&
    (fieldSelector === undefined || isFieldSelectorWithin(info.fieldSelector, fieldSelector))
  )
}

function runsCommand(info: RequestInfo): boolean {
  return info.resource === 'pods' && (info.subresource === 'exec' || info.subresource === 'attach')
}

/** `*` stands for one argument, a last `**` for any rest. Arguments are compared whole. */
function matchesCommand(pattern: readonly string[], command: readonly string[]): boolean {
  const open = pattern.at(-1) === '**'
  const fixed = open ? pattern.slice(0, -1) : pattern
  if (open ? command.length < fixed.length : command.length !== fixed.length) return false
  return fixed.every((part, index) => part === '*' || part === command[index])
}
