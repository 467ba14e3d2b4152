import type { Rule, Scope } from '../lease/lease.ts'
import { coversCommand, coversFields, coversName, coversNamespace, coversResource, grants } from '../lease/scope.ts'
import type { ApiRequest, RequestInfo } from '../request/api-request.ts'
import { beyondFields } from '../request/fields/beyond-fields.ts'
import { describeField, toPaths } from '../request/fields/field-path.ts'
import { metadataOf } from '../request/object/metadata.ts'

/**
 * What the scope lacks for the request, to follow "does not grant": `delete on deployments.apps in namespace "x"`. Where only the
 * namespace, the name, the command or a field keeps a rule from matching, it says what the rule has. Commands themselves are not repeated.
 */
export function missing(scope: Scope, request: ApiRequest): string {
  const lacking = request.verbs.filter(verb => !scope.some(rule => grants(rule, verb, request)))
  const verbs = lacking.map(verb => (verb === '' ? request.method : verb)).join(' and ')
  const { info } = request
  if (!info.isResourceRequest) return `${verbs} on the path ${request.path}`
  const verb = lacking[0] ?? info.verb
  const near = scope.filter(rule => has(rule.verbs, verb) && has(rule.apiGroups, info.apiGroup))
  return `${verbs} on ${describe(info)}${hint(near, verb, request)}`
}

/** kubectl's way to name a resource: `deployments.apps/scale`. */
export function resourceName({ resource, apiGroup, subresource }: RequestInfo): string {
  const group = apiGroup === '' ? '' : `.${apiGroup}`
  return `${resource}${group}${subresource === '' ? '' : `/${subresource}`}`
}

function describe(info: RequestInfo): string {
  if (info.resource === 'namespaces') return `${resourceName(info)}${info.name === '' ? '' : ` "${info.name}"`}`
  if (info.namespace !== '') return `${resourceName(info)} in namespace "${info.namespace}"`
  return info.name === '' ? `${resourceName(info)} in the whole cluster` : `${resourceName(info)} "${info.name}"`
}

function hint(near: Scope, verb: string, request: ApiRequest): string {
  const { info } = request
  if (info.resource === 'namespaces') return near.length > 0 ? ' (namespaces want a cluster rule of their own)' : ''
  const ofResource = near.filter(rule => coversResource(rule, info))
  if (ofResource.length === 0) return ''
  const here = ofResource.filter(rule => coversNamespace(rule, verb, info))
  if (here.length === 0) return namespaceHint(ofResource)
  const runnable = here.filter(rule => coversCommand(rule, request))
  if (runnable.length === 0) return commandHint(here, request)
  const named = runnable.filter(rule => coversName(rule, request))
  if (named.length > 0) return fieldHint(named, verb, request)
  const names = unique(runnable.flatMap(rule => rule.resourceNames))
  return ` but for the ${names.length === 1 ? 'name' : 'names'} ${names.join(', ')}${nameless(request)}`
}

/** With stdin closed some rule may cover the same command. */
function commandHint(rules: readonly Rule[], request: ApiRequest): string {
  const { stream } = request
  const closed = { ...request, stream: stream === null ? null : { ...stream, stdin: false } }
  const byInput = stream?.stdin === true && rules.some(rule => coversCommand(rule, closed))
  return byInput ? ' with input: its rule does not say stdin: true' : ' with this command'
}

/** What keeps a write from being one of a rule with fields; the first such rule stands for the others. */
function fieldHint(rules: readonly Rule[], verb: string, request: ApiRequest): string {
  const rule = rules.find(each => !coversFields(each, verb, request))
  if (rule === undefined) return ''
  const beyond = beyondFields(request, toPaths(rule.fields))
  const only = ` but for patches of ${rule.fields.join(', ')}`
  switch (beyond?.kind) {
    case undefined:
      return `${only} of the object itself`
    case 'no-patch':
      return `${only}, and this is none (a merge, strategic merge or JSON patch)`
    case 'unreadable':
      return `${only}, and the body cannot be read`
    case 'no-change':
      return `${only}, and this one changes nothing`
    case 'field':
      return `${only}, and this one changes ${describeField(beyond.field)}`
  }
}

/** Why the body's name could not be compared. */
function nameless({ info, object }: ApiRequest): string {
  const said = metadataOf(object)
  if (said === null) return ', and the body cannot be read'
  if (info.verb !== 'create' || info.name !== '' || said.name !== '') return ''
  return said.generateName === '' ? ', and the body has none' : ', and this one would be generated'
}

function namespaceHint(rules: readonly Rule[]): string {
  const namespaces = unique(rules.flatMap(rule => rule.namespaces))
  return namespaces.length === 0 ? '' : `, only in ${namespaces.map(one => `"${one}"`).join(', ')}`
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value)
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
