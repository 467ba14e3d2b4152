import { STORED_PARTS } from '../../../policy/rbac/planner.ts'
import type { RequestInfo } from '../../../request/api-request.ts'
import type { ClusterView, Looked } from '../look/cluster-view.ts'
import { at } from '../look/json.ts'

/** Answered and not stored; some of them mint credentials. */
const ANSWERED = /review|token|^bindings$/

/**
 * Null where a dry run changes nothing for certain, else why none is made: the kind has to be stored by the API server itself, since servers behind
 * it may not know what a dry run is.
 */
export async function knowsDryRuns(view: ClusterView, info: RequestInfo): Promise<string | null> {
  const { apiGroup, apiVersion, resource, subresource } = info
  if (!['', ...STORED_PARTS].includes(subresource) || ANSWERED.test(resource))
    return 'requests of this kind cannot be tried without being done'
  if (apiGroup === '') return null
  const found = await view.get(`/apis/apiregistration.k8s.io/v1/apiservices/${apiVersion}.${apiGroup}`)
  if (found.kind !== 'found') return 'whether this kind knows dry runs cannot be found out, so none was made'
  const isLocal = (at(found.value, 'spec', 'service') ?? null) === null
  return isLocal ? null : 'this kind is served by another server, which may not know dry runs, so none was made'
}

/** Whether it was not tried, for a webhook that does more than to judge: without a dry run the API server may well take it. */
export function isUntried(after: Looked): boolean {
  return (
    after.kind === 'refused' && after.status === 400 && /^admission webhook .* does not support dry run/.test(after.why)
  )
}
