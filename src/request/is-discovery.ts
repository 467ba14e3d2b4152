import type { ApiRequest } from './api-request.ts'

/**
 * What the roles system:discovery and system:public-info-viewer open to everybody, with a trailing slash where they do, and nothing that
 * only begins like it.
 */
const DISCOVERY =
  /^\/(?:version\/?|api(?:\/[^/%]+)?\/?|apis(?:\/[^/%]+){0,2}\/?|openapi(?:\/[^/%]+)*\/?|healthz|livez|readyz)$/

const SELF_REVIEWS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['authorization.k8s.io', new Set(['selfsubjectaccessreviews', 'selfsubjectrulesreviews'])],
  ['authentication.k8s.io', new Set(['selfsubjectreviews'])],
])

/**
 * What clients read before they can do anything: which groups, versions and resources there are, their schemas, and whether the API
 * server is there at all.
 */
export function isDiscovery(request: ApiRequest): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  return reads && !request.info.isResourceRequest && DISCOVERY.test(request.path)
}

/** Asks what the caller itself may do or is (`kubectl auth can-i`, `kubectl auth whoami`). */
export function isSelfReview(request: ApiRequest): boolean {
  const { info } = request
  const onCollection = info.namespace === '' && info.name === '' && info.subresource === ''
  return info.verb === 'create' && onCollection && (SELF_REVIEWS.get(info.apiGroup)?.has(info.resource) ?? false)
}
