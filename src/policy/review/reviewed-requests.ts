import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { isStreamTarget } from '../../request/needs/connect.ts'
import { requiredVerbs } from '../../request/needs/verbs.ts'
import { knownResource } from '../known-resources.ts'
import type { PathAttributes, ResourceAttributes } from './read-review.ts'

export const VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
]
const LISTS: ReadonlySet<string> = new Set(['list', 'watch'])
/** Only what is granted in every namespace is granted in one of this name. */
export const ANYWHERE = '*'

const METHODS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' }
const OPTIONS = { dryRun: false, propagationPolicy: '', force: false, gracePeriodSeconds: null, fieldManager: '' }
const NOTHING = { apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '' }

/**
 * The requests that a question about a resource stands for: what it asks about is let through where each of one list is. Of bodies a question
 * says nothing, so they are taken for plain ones; of commands neither, and only a lease for every command covers those. No lists for
 * kinds that are not named: some are refused under every lease.
 */
export function requestsOf(attributes: ResourceAttributes, boundaryNamespace: string): readonly Requests[] {
  const { verb, group, resource, subresource } = attributes
  if ([group, resource, subresource].includes('*') || resource === '') return []
  const verbs = verb === '*' ? [...VERBS, verb] : [verb]
  return scopesOf(attributes).map(scope =>
    verbs.flatMap(one =>
      namespacesOf(one, scope, attributes, boundaryNamespace).map(namespace =>
        toRequest({ ...attributes, verb: one, namespace }),
      ),
    ),
  )
}

type Requests = readonly ApiRequest[]
type KindScope = 'namespaces' | 'cluster'

/** Of kinds that Kubernetes does not have itself, a question that names no namespace may mean either. */
function scopesOf({ namespace, group, resource }: ResourceAttributes): readonly KindScope[] {
  const known = knownResource(resource)
  if (known?.groups.includes(group)) return [known.namespaced ? 'namespaces' : 'cluster']
  return namespace === '' ? ['namespaces', 'cluster'] : ['namespaces']
}

export function requestOfPath({ path, verb }: PathAttributes): ApiRequest {
  const info = { ...NOTHING, isResourceRequest: false, verb, apiPrefix: '', fieldSelector: '', labelSelector: '' }
  return { ...plain(info), path, method: verb.toUpperCase() }
}

/** Where the question says no namespace, a list asks for one over all, and every other verb for each of them: the boundary's own, too. */
function namespacesOf(
  verb: string,
  scope: KindScope,
  { namespace, group, resource, name }: ResourceAttributes,
  boundaryNamespace: string,
): readonly string[] {
  // RequestInfo has the name of a namespace in both places.
  if (resource === 'namespaces' && group === '') return [name]
  if (scope === 'cluster') return ['']
  if (namespace !== '' || LISTS.has(verb)) return [namespace]
  return boundaryNamespace === '' ? [ANYWHERE] : [ANYWHERE, boundaryNamespace]
}

/** As it comes with nothing special about it. */
export function toRequest({
  verb,
  namespace,
  group,
  resource,
  subresource,
  name,
  fieldSelector,
}: ResourceAttributes): ApiRequest {
  const info: RequestInfo = {
    isResourceRequest: true,
    verb,
    apiPrefix: group === '' ? 'api' : 'apis',
    apiGroup: group,
    apiVersion: '',
    namespace,
    resource,
    subresource,
    name,
    fieldSelector,
    labelSelector: '',
  }
  return plain(info)
}

function plain(info: RequestInfo): ApiRequest {
  const contentType = info.verb === 'patch' ? 'application/merge-patch+json' : 'application/json'
  const object = { kind: 'plain', value: {} } as const
  const runs = isStreamTarget(info) && info.subresource !== 'portforward'
  return {
    info,
    inNamespace: info.namespace !== '' && !(info.apiGroup === '' && info.resource === 'namespaces'),
    path: '',
    query: '',
    method: METHODS[info.verb] ?? 'GET',
    contentType,
    upgrade: null,
    stream: runs ? { command: [], container: '', stdin: true, tty: false } : null,
    ports: null,
    object,
    options: OPTIONS,
    verbs: requiredVerbs({ info, contentType, upgrade: null, object }),
    answer: 'whole',
    routes: [],
    longRunning: false,
  }
}
