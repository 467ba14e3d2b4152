import type { ApiRequest } from '../api-request.ts'
import { metadataOf } from './metadata.ts'

/**
 * What in the body names another object than the path does, or null. The API server compares them too, for every kind and every patch:
 * a body may leave both out, and of a cluster-scoped object it ignores the namespace. Only create on a subresource is left to each
 * kind there, and is not here.
 */
export function disagreement({
  info,
  inNamespace,
  object,
}: Pick<ApiRequest, 'info' | 'inNamespace' | 'object'>): string | null {
  const said = metadataOf(object)
  if (said === null) return null
  if (inNamespace && said.namespace !== '' && said.namespace !== info.namespace) {
    return 'metadata.namespace is not the namespace in the path'
  }
  const other = said.name !== '' && info.name !== '' && said.name !== info.name
  return other ? 'metadata.name is not the name in the path' : null
}
