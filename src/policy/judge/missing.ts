import type { Rule, Scope } from '../../lease/lease.ts'
import {
  coversAnswer,
  coversCommand,
  coversFields,
  coversName,
  coversNamespace,
  coversResource,
  coversSelection,
  grants,
  isNamespace,
} from '../../lease/scope/scope.ts'
import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { beyondFields } from '../../request/fields/beyond-fields.ts'
import { toFields } from '../../request/fields/field.ts'
import { describeField } from '../../request/fields/field-path.ts'
import { metadataOf } from '../../request/object/metadata.ts'
import { knownResource } from '../known-resources.ts'
import { ANYWHERE } from '../review/reviewed-requests.ts'

export interface Missing {
  /** To follow "does not grant": `delete on deployments.apps in namespace "x"`. */
  readonly what: string
  /** What the client can do under the same scope, '' when nothing is near. */
  readonly instead: string
}

/** A message is one line that somebody reads. */
const MOST_SHOWN = 6
const LONGEST_SHOWN = 120

/**
 * What the scope lacks for the request. Where only the namespace, the name, the command or a field keeps a rule from matching, it says
 * what the rule has. Commands that were sent are not repeated.
 */
export function missing(scope: Scope, request: ApiRequest): Missing {
  const lacking = request.verbs.filter(verb => !scope.some(rule => grants(rule, verb, request)))
  const verbs = lacking.map(verb => (verb === '' ? request.method : verb)).join(' and ')
  const { info } = request
  if (!info.isResourceRequest) return { what: `${verbs} on the path ${request.path}`, instead: '' }
  const verb = lacking[0] ?? info.verb
  const near = scope.filter(rule => has(rule.verbs, verb) && has(rule.apiGroups, info.apiGroup))
  const { hint, instead = '' } = hintOf(near, verb, request)
  return { what: `${verbs} on ${describe(request)}${hint}`, instead }
}

/** `list on pods in the whole cluster`. */
export function whatIs(request: ApiRequest): string {
  return `${request.info.verb} on ${describe(request)}`
}

/** kubectl's way to name a resource: `deployments.apps/scale`. */
export function resourceName({ resource, apiGroup, subresource }: RequestInfo): string {
  const group = apiGroup === '' ? '' : `.${apiGroup}`
  return `${resource}${group}${subresource === '' ? '' : `/${subresource}`}`
}

function describe({ info, inNamespace }: ApiRequest): string {
  if (isNamespace(info)) return `${resourceName(info)}${info.name === '' ? '' : ` "${info.name}"`}`
  if (inNamespace && info.namespace === ANYWHERE) return `${resourceName(info)} in every namespace`
  if (inNamespace) return `${resourceName(info)} in namespace "${info.namespace}"`
  return info.name === '' ? `${resourceName(info)} in the whole cluster` : `${resourceName(info)} "${info.name}"`
}

interface Hint {
  readonly hint: string
  readonly instead?: string
}

function hintOf(near: Scope, verb: string, request: ApiRequest): Hint {
  const { info } = request
  if (isNamespace(info)) {
    return { hint: near.length > 0 ? ' (namespaces want a cluster rule of their own)' : '' }
  }
  const ofResource = near.filter(rule => coversResource(rule, info))
  if (ofResource.length === 0) return { hint: '' }
  const here = ofResource.filter(rule => coversNamespace(rule, verb, request))
  if (here.length === 0) {
    return isInCluster(request)
      ? { hint: ' (it is in no namespace and wants a cluster rule)' }
      : namespaceHint(ofResource, request)
  }
  const runnable = here.filter(rule => coversCommand(rule, request))
  if (runnable.length === 0) return commandHint(here, request)
  const named = runnable.filter(rule => coversName(rule, request))
  if (named.length > 0 && !named.some(rule => coversAnswer(rule, verb, request))) return METADATA_ALONE
  if (named.length > 0 && !named.some(rule => coversSelection(rule, verb, request)))
    return selectionHint(named, request)
  if (named.length > 0) return { hint: fieldHint(named, verb, request) }
  const names = unique(runnable.flatMap(rule => rule.resourceNames))
  return { hint: ` but for the ${names.length === 1 ? 'name' : 'names'} ${some(names)}${nameless(request)}` }
}

/** Selectors of rules are the policy's words; what was sent is not repeated. */
function selectionHint(rules: readonly Rule[], { info }: ApiRequest): Hint {
  const [labels, fields] = [
    unique(rules.flatMap(({ labelSelector }) => labelSelector ?? [])),
    unique(rules.flatMap(({ fieldSelector }) => fieldSelector ?? [])),
  ]
  const instead = [
    ...labels.slice(0, 1).map(one => `-l '${one}'`),
    ...fields.slice(0, 1).map(one => `--field-selector '${one}'`),
  ]
  const isNamed = info.name !== '' && info.verb !== 'list' && info.verb !== 'watch'
  return {
    hint: ` but for what is selected by ${some([...labels, ...fields], ' or ')}`,
    instead: `${isNamed ? 'list it in place of naming it' : 'select it'}: ${instead.join(' ')}`,
  }
}

const METADATA_ALONE: Hint = {
  hint: ' but for reads of metadata alone',
  instead:
    'leave out -o and -w of kubectl get, or ask with Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1 (PartialObjectMetadataList for a list)',
}

/** With stdin closed some rule may cover the same command. */
function commandHint(rules: readonly Rule[], request: ApiRequest): Hint {
  const { stream } = request
  const closed = { ...request, stream: stream === null ? null : { ...stream, stdin: false } }
  const byInput = stream?.stdin === true && rules.some(rule => coversCommand(rule, closed))
  if (byInput) return { hint: ' with input: its rule does not say stdin: true', instead: 'leave out -i' }
  const commands = unique(rules.flatMap(rule => rule.commands.map(command => showCommand(command, rule.stdin))))
  return { hint: ' with this command', instead: `it allows: ${some(commands, '; ')}` }
}

/** As it would be typed; the stars are the rule's. */
function showCommand(command: readonly string[], stdin: boolean): string {
  const words = command.map(word => (/^[\w@%+=:,./*-]+$/.test(word) ? word : JSON.stringify(word)))
  return cut(`${words.join(' ')}${stdin ? ' (with input)' : ''}`)
}

/** What keeps a write from being one of a rule with fields; the first such rule stands for the others. */
function fieldHint(rules: readonly Rule[], verb: string, request: ApiRequest): string {
  const rule = rules.find(each => !coversFields(each, verb, request))
  if (rule === undefined) return ''
  const beyond = beyondFields(request, toFields(rule.fields))
  const only = ` but for patches of ${some(rule.fields)}`
  switch (beyond?.kind) {
    case undefined:
      return `${only} of the object itself`
    case 'no-patch':
      return `${only}, and this is none (a merge, strategic merge or JSON patch)`
    case 'unreadable':
      return `${only}, ${unread(request)}`
    case 'no-change':
      return `${only}, and this one changes nothing`
    case 'field':
      return `${only}, and this one changes ${describeField(beyond.field)}`
    case 'value':
      return `${only}, and this one makes ${describeField(beyond.field)} something else`
  }
}

/** Why the body's name could not be compared. */
function nameless({ info, object }: ApiRequest): string {
  const said = metadataOf(object)
  if (said === null) return `, ${unread({ object })}`
  if (info.verb !== 'create' || info.name !== '' || said.name !== '') return ''
  return said.generateName === '' ? ', and the body has none' : ', and this one would be generated'
}

/** With the limit in bytes or parts, where it is one that keeps the body from being read. */
function unread({ object }: Pick<ApiRequest, 'object'>): string {
  return `and the body cannot be read${object.kind === 'unreadable' ? `: ${object.why}` : ''}`
}

/** A single object, or a list of a kind that is known to be in none. */
function isInCluster({ info, inNamespace }: ApiRequest): boolean {
  if (inNamespace || info.namespace !== '') return false
  const known = knownResource(info.resource)
  return info.name !== '' || (known !== null && !known.namespaced && known.groups.includes(info.apiGroup))
}

/** kubectl leaves -n out for what is in no namespace, and of kinds that Kubernetes does not have itself nobody knows here which are. */
function namespaceHint(rules: readonly Rule[], { info, inNamespace }: ApiRequest): Hint {
  const namespaces = unique(rules.flatMap(rule => rule.namespaces))
  const [first] = namespaces
  if (first === undefined) return { hint: '' }
  const hint = `, only in ${some(namespaces.map(one => `"${one}"`))}`
  if (first === '*') return { hint, instead: '' }
  const isKnown = inNamespace || knownResource(info.resource)?.groups.includes(info.apiGroup) === true
  const unless = isKnown ? '' : `; if ${info.resource} are in no namespace, they want a cluster rule`
  return { hint, instead: `name one: -n ${first}${unless}` }
}

/** The first few, and how many more. */
export function some(values: readonly string[], separator = ', '): string {
  const shown = values.slice(0, MOST_SHOWN).map(cut).join(separator)
  return values.length > MOST_SHOWN ? `${shown} and ${values.length - MOST_SHOWN} more` : shown
}

function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}[cut]` : text
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
