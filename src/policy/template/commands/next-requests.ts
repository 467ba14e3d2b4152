import type { ApiRequest } from '../../../request/api-request.ts'
import type { PlainObject } from '../../../request/object/sent-object.ts'
import { knownResource } from '../../known-resources.ts'
import type { ResourceAttributes } from '../../review/read-review.ts'
import { ANYWHERE, toRequest } from '../../review/reviewed-requests.ts'

/** Where the object is that kubectl asks for next: the one of this request, or others in its namespace, in each, or listed over all. */
type Where = 'same' | 'here' | 'each' | 'all'
type Row = readonly [verb: string, resource: string, where: Where]
type Info = ApiRequest['info']

const PATCH: readonly Row[] = [['patch', '.', 'same']]
const APPLY: readonly Row[] = [...PATCH, ['create', '.', 'same']]
/** Of the one name, where there is one. */
const WATCH: readonly Row[] = [
  ['list', '.', 'same'],
  ['watch', '.', 'same'],
]

/**
 * What kubectl (1.36) asks for after its first request, by the command that it says it is. Resources with their group; a dot is that of
 * the first request. Only of commands that begin with a mere look at what they are about to change, follow or enter: at one object, or
 * at a list, as with -l and --all.
 */
const COMMANDS: Readonly<Record<string, (info: Info) => readonly Row[]>> = {
  drain: () => [
    ...PATCH,
    ['list', 'pods', 'all'],
    ['get', 'daemonsets.apps', 'each'],
    ['create', 'pods/eviction', 'each'],
    ['get', 'pods', 'each'],
  ],
  apply: () => APPLY,
  // A patch, or a create, that is tried and not kept.
  diff: () => APPLY,
  'rollout undo': info => [revisionsOf(info), ...PATCH],
  'rollout history': info => [revisionsOf(info)],
  'rollout status': () => WATCH,
  wait: () => WATCH,
  describe: info => [...(info.verb === 'list' ? ([['get', '.', 'same']] as const) : []), ...eventsOf(info)],
  scale: () => [['patch', './scale', 'same']],
  replace: () => [['update', '.', 'same']],
  delete: () => [['delete', '.', 'same']],
  autoscale: () => [['create', 'horizontalpodautoscalers.autoscaling', 'here']],
  expose: () => [['create', 'services', 'here']],
  'create job': () => [['create', 'jobs.batch', 'here']],
  debug: ({ resource }) =>
    resource === 'nodes'
      ? [['create', 'pods', 'each']]
      : [['patch', './ephemeralcontainers', 'same'], ...WATCH, ['create', './attach', 'same']],
  exec: info => intoPod(info, 'create', 'exec'),
  cp: info => intoPod(info, 'create', 'exec'),
  attach: info => intoPod(info, 'create', 'attach'),
  'port-forward': info => intoPod(info, 'create', 'portforward', [['get', 'pods', 'here']]),
  logs: info => intoPod(info, 'get', 'log'),
  'certificate approve': () => [['update', './approval', 'same']],
  'certificate deny': () => [['update', './approval', 'same']],
}

/** Look at the object, and patch it. */
const PATCHING: ReadonlySet<string> = new Set([
  ...['cordon', 'uncordon', 'taint', 'label', 'annotate', 'edit', 'patch'],
  ...['set env', 'set image', 'set resources', 'set serviceaccount'],
  ...['rollout restart', 'rollout pause', 'rollout resume'],
])

/** Of deploy/web or service/web kubectl chooses a pod first. */
function intoPod({ resource }: Info, verb: string, subresource: string, first: readonly Row[] = []): readonly Row[] {
  if (resource === 'pods') return [[verb, `./${subresource}`, 'same']]
  return [['list', 'pods', 'here'], ...first, [verb, `pods/${subresource}`, 'here']]
}

function revisionsOf({ resource }: Info): Row {
  return ['list', resource === 'deployments' ? 'replicasets.apps' : 'controllerrevisions.apps', 'here']
}

function eventsOf({ namespace, verb, resource }: Info): readonly Row[] {
  const known = knownResource(resource)
  return namespace !== '' || (verb === 'list' && known?.namespaced === true) ? [['list', 'events', 'here']] : []
}

/**
 * What will follow a refused read once that passes, so that a hint leads to a lease for the whole command and not for its first step.
 * The command is a claim of the client: what comes of it is only a hint.
 */
export function nextRequests(command: string, { info }: ApiRequest): readonly ApiRequest[] {
  if (!info.isResourceRequest || !(info.verb === 'get' || info.verb === 'list')) return []
  const namespace = namespaceOf(info)
  if (namespace === null) return []
  const name = command.replace(/^kubectl /, '')
  return rowsOf(name, info).map(row => withBody(name, info, toRequest(attributes(row, { ...info, namespace }))))
}

function rowsOf(name: string, info: Info): readonly Row[] {
  if (PATCHING.has(name)) return PATCH
  return Object.hasOwn(COMMANDS, name) ? (COMMANDS[name]?.(info) ?? []) : []
}

/** That of each object in a list over all; null where nobody knows whether they are in any. */
function namespaceOf({ verb, namespace, resource, apiGroup }: Info): string | null {
  if (verb === 'get' || namespace !== '') return namespace
  const known = knownResource(resource)
  if (known === null || !known.groups.includes(apiGroup)) return null
  return known.namespaced ? ANYWHERE : ''
}

/** As far as the command says what will be in it, for rules that look at names and fields. */
function withBody(command: string, { name }: Info, next: ApiRequest): ApiRequest {
  const said = (value: PlainObject): ApiRequest => ({ ...next, object: { kind: 'plain', value } })
  if (command === 'rollout restart') return said(RESTARTED)
  if (next.info.verb !== 'create' || next.info.subresource !== '' || next.info.name === '') return next
  return { ...said({ metadata: { name } }), info: { ...next.info, name: '' } }
}

const RESTARTED = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } }

function attributes([verb, named, where]: Row, info: Info): ResourceAttributes {
  const [kind = '', subresource = ''] = named.split('/')
  const [resource = '', group = ''] = kind === '.' ? [info.resource, info.apiGroup] : kind.split(/\.(.*)/)
  // Of nodes that are chosen by label nobody knows the names yet.
  const fieldSelector = where === 'all' ? `spec.nodeName=${info.name || 'any'}` : ''
  return { verb, resource, group, subresource, ...placeOf(where, info), fieldSelector }
}

function placeOf(where: Where, { namespace, name }: Info): Pick<ResourceAttributes, 'namespace' | 'name'> {
  switch (where) {
    case 'same':
      return { namespace, name }
    case 'here':
      return { namespace, name: '' }
    case 'each':
      return { namespace: ANYWHERE, name: '' }
    case 'all':
      return { namespace: '', name: '' }
  }
}
