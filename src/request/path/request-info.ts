import type { RequestInfo } from '../api-request.ts'
import { firstValue, type Query } from '../query.ts'
import { type Refused, refuse } from '../refuse.ts'
import { readListOptions } from '../selectors/list-options.ts'

export interface ApiTarget {
  readonly method: string
  /** Decoded path segments. */
  readonly segments: readonly string[]
  readonly query: Query
}

export interface ReadInfo {
  readonly kind: 'info'
  readonly info: RequestInfo
  /** Whether what is asked for lies in a namespace: of a path such as /api/v1/namespaces/x RequestInfo says that it does, and it does not. */
  readonly inNamespace: boolean
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
])

const VERBS_WITH_SELECTORS: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])

/**
 * RequestInfoFactory.NewRequestInfo of k8s.io/apiserver (pkg/endpoints/request), step by step, with the prefixes of kube-apiserver:
 * api (without groups) and apis. Where it fails the API server answers 500, and this refuses.
 */
export function toRequestInfo({ method, segments, query }: ApiTarget): ReadInfo | Refused {
  const [prefix = '', ...afterPrefix] = segments
  if (segments.length < 3 || (prefix !== 'api' && prefix !== 'apis')) return nonResource(method, '')
  if (prefix === 'apis' && segments.length < 4) return nonResource(method, prefix)
  const [apiGroup = '', apiVersion = '', ...rest] = prefix === 'apis' ? afterPrefix : ['', ...afterPrefix]

  const special = rest[0] === 'watch' || rest[0] === 'proxy'
  if (special && rest.length < 2) return refuse('odd-path', `nothing after the path verb ${rest[0]}`)
  const pathVerb = special ? (rest[0] ?? '') : null
  const verb = pathVerb ?? VERBS.get(method) ?? ''
  const { below, ...target } = readTarget(special ? rest.slice(1) : rest, verb)
  const selected =
    verb === '' || pathVerb !== null ? { verb, name: target.name } : bySelection(verb, target.name, query)
  const selectors = readSelectors(pathVerb === null && VERBS_WITH_SELECTORS.has(selected.verb), query)
  return {
    kind: 'info',
    // In the core group nothing is called so but the namespaces themselves, whatever stands before.
    inNamespace: below && !(apiGroup === '' && target.resource === 'namespaces'),
    info: { isResourceRequest: true, apiPrefix: prefix, apiGroup, apiVersion, ...target, ...selected, ...selectors },
  }
}

function nonResource(method: string, apiPrefix: string): ReadInfo {
  const nothing = { apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '' }
  const info = { isResourceRequest: false, verb: method.toLowerCase(), apiPrefix, ...nothing }
  return { kind: 'info', inNamespace: false, info: { ...info, fieldSelector: '', labelSelector: '' } }
}

interface Target extends Pick<RequestInfo, 'namespace' | 'resource' | 'subresource' | 'name'> {
  /** Of the namespace that the path names, and not that itself. */
  readonly below: boolean
}

/** 'namespaces' is special in every group; its own status and finalize are subresources, all else below it is a resource in it. */
function readTarget(parts: readonly string[], verb: string): Target {
  const inNamespace = parts[0] === 'namespaces' && parts.length > 1
  const below = inNamespace && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize'
  const [resource = '', name = '', subresource = ''] = below ? parts.slice(2) : parts
  return {
    namespace: inNamespace ? (parts[1] ?? '') : '',
    resource,
    subresource: verb === 'proxy' ? '' : subresource,
    name,
    below,
  }
}

/** Without a name in the path a get is a list or a watch, and a delete is a deletecollection. */
function bySelection(verb: string, name: string, query: Query): { readonly verb: string; readonly name: string } {
  if (name !== '') return { verb, name }
  if (verb === 'delete') return { verb: 'deletecollection', name }
  if (verb !== 'get') return { verb, name }
  const options = readListOptions(query)
  return { verb: options.watch ? 'watch' : 'list', name: options.name }
}

function readSelectors(honoured: boolean, query: Query): Pick<RequestInfo, 'fieldSelector' | 'labelSelector'> {
  if (!honoured) return { fieldSelector: '', labelSelector: '' }
  return {
    fieldSelector: firstValue(query, 'fieldSelector') ?? '',
    labelSelector: firstValue(query, 'labelSelector') ?? '',
  }
}
