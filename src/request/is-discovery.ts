import type { ApiRequest } from './api-request.ts'

/** Exactly these, and nothing that only begins like them: no trailing slash, no escape. */
const DISCOVERY = /^\/(?:version|api(?:\/[^/%]+)?|apis(?:\/[^/%]+){0,2}|openapi\/v2|openapi\/v3(?:\/[^/%]+)*)$/

const SELF_REVIEWS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['authorization.k8s.io', new Set(['selfsubjectaccessreviews', 'selfsubjectrulesreviews'])],
  ['authentication.k8s.io', new Set(['selfsubjectreviews'])],
])

/** What every kubectl reads before it can do anything: which groups, versions and resources there are, and their schemas. */
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
