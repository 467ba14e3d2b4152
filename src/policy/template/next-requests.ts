import type { ApiRequest } from '../../request/api-request.ts'
import type { ResourceAttributes } from '../review/read-review.ts'
import { ANYWHERE, toRequest } from '../review/reviewed-requests.ts'

/** Where the object is that kubectl asks for next: the one of this request, or others in its namespace, in each, or listed over all. */
type Where = 'same' | 'here' | 'each' | 'all'
type Row = readonly [verb: string, resource: string, where: Where]

const PATCH: Row = ['patch', '.', 'same']

/**
 * What kubectl (1.36) asks for after its first request, by the command that it says it is. Resources with their group; a dot is that of
 * the first request. Only of commands that begin with a mere look at what they are about to change or enter.
 */
const COMMANDS: Readonly<Record<string, readonly Row[]>> = {
  drain: [
    PATCH,
    ['list', 'pods', 'all'],
    ['get', 'daemonsets.apps', 'each'],
    ['create', 'pods/eviction', 'each'],
    ['get', 'pods', 'each'],
  ],
  cordon: [PATCH],
  uncordon: [PATCH],
  taint: [PATCH],
  label: [PATCH],
  annotate: [PATCH],
  edit: [PATCH],
  patch: [PATCH],
  'set env': [PATCH],
  'set image': [PATCH],
  'set resources': [PATCH],
  'set serviceaccount': [PATCH],
  'rollout restart': [PATCH],
  'rollout pause': [PATCH],
  'rollout resume': [PATCH],
  'rollout undo': [['list', 'replicasets.apps', 'here'], PATCH],
  scale: [['patch', './scale', 'same']],
  replace: [['update', '.', 'same']],
  delete: [['delete', '.', 'same']],
  autoscale: [['create', 'horizontalpodautoscalers.autoscaling', 'here']],
  expose: [['create', 'services', 'here']],
  'create job': [['create', 'jobs.batch', 'here']],
  exec: [['create', 'pods/exec', 'here']],
  cp: [['create', 'pods/exec', 'here']],
  attach: [['create', 'pods/attach', 'here']],
  'port-forward': [['create', 'pods/portforward', 'here']],
  logs: [['get', 'pods/log', 'here']],
  'certificate approve': [['update', './approval', 'same']],
  'certificate deny': [['update', './approval', 'same']],
}

/**
 * What will follow a refused read once that passes, so that a hint leads to a lease for the whole command and not for its first step.
 * The command is a claim of the client: what comes of it is only a hint.
 */
export function nextRequests(command: string, { info }: ApiRequest): readonly ApiRequest[] {
  const name = command.replace(/^kubectl /, '')
  if (info.verb !== 'get' || !info.isResourceRequest || !Object.hasOwn(COMMANDS, name)) return []
  return (COMMANDS[name] ?? []).map(row => toRequest(attributes(row, info)))
}

function attributes([verb, named, where]: Row, info: ApiRequest['info']): ResourceAttributes {
  const [kind = '', subresource = ''] = named.split('/')
  const [resource = '', group = ''] = kind.split(/\.(.*)/)
  const what = resource === '' ? { resource: info.resource, group: info.apiGroup } : { resource, group }
  const fieldSelector = where === 'all' ? `spec.nodeName=${info.name}` : ''
  return { ...what, verb, subresource, ...placeOf(where, info), fieldSelector }
}

function placeOf(
  where: Where,
  { namespace, name }: ApiRequest['info'],
): Pick<ResourceAttributes, 'namespace' | 'name'> {
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
