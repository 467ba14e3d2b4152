import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { isStreamTarget } from '../../request/needs/connect.ts'
import { requiredVerbs } from '../../request/needs/verbs.ts'
import { knownResource } from '../known-resources.ts'
import type { PathAttributes, ResourceAttributes } from './read-review.ts'

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const LISTS: ReadonlySet<string> = new Set(['list', 'watch'])
/** Only what is granted in every namespace is granted in one of this name. */
const ANYWHERE = '*'

const METHODS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' }
const OPTIONS = { dryRun: false, propagationPolicy: '', force: false, gracePeriodSeconds: null, fieldManager: '' }
const NOTHING = { apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '' }

/**
 * The requests that a question about a resource stands for: what it asks about is let through where each of them is. Of bodies a question
 * says nothing, so they are taken for plain ones; of commands neither, and only a lease for every command covers those. Null for kinds
 * that are not named: some are refused under every lease.
 */
export function requestsOf(attributes: ResourceAttributes, boundaryNamespace: string): readonly ApiRequest[] | null {
  const { verb, group, resource, subresource } = attributes
  if ([group, resource, subresource].includes('*') || resource === '') return null
  const verbs = verb === '*' ? [...VERBS, verb] : [verb]
  return verbs.flatMap(one =>
    namespacesOf(one, attributes, boundaryNamespace).map(namespace =>
      toRequest({ ...attributes, verb: one, namespace }),
    ),
  )
}

export function requestOfPath({ path, verb }: PathAttributes): ApiRequest {
  const info = { ...NOTHING, isResourceRequest: false, verb, apiPrefix: '', fieldSelector: '', labelSelector: '' }
  return { ...plain(info), path, method: verb.toUpperCase() }
}

/** Where the question says no namespace, a list asks for one over all, and every other verb for each of them: the boundary's own, too. */
function namespacesOf(
  verb: string,
  { namespace, group, resource, name }: ResourceAttributes,
  boundaryNamespace: string,
): readonly string[] {
  // RequestInfo has the name of a namespace in both places.
  if (resource === 'namespaces' && group === '') return [name]
  const known = knownResource(resource)
  if (known !== null && !known.namespaced && known.groups.includes(group)) return ['']
  if (namespace !== '' || LISTS.has(verb)) return [namespace]
  if (known === null) return ['']
  return boundaryNamespace === '' ? [ANYWHERE] : [ANYWHERE, boundaryNamespace]
}

function toRequest({
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

/** As such a request comes, with nothing special about it. */
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
    routes: [],
    longRunning: false,
  }
}
