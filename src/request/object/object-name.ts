import type { ApiRequest } from '../api-request.ts'
import { metadataOf } from './metadata.ts'

/**
 * The object that a request is about: the one in the path, or the one that the body of a create names. '' when it has no name yet or
 * is many; null when the body cannot be read, and might name any.
 */
export function objectName({ info, object }: Pick<ApiRequest, 'info' | 'object'>): string | null {
  const said = metadataOf(object)
  if (said === null) return null
  return info.name === '' && info.verb === 'create' ? said.name : info.name
}
