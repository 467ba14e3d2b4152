import type { ApiRequest } from '../api-request.ts'

/** Whether a patch changes nothing but these fields and what is below them. */
export function changesOnly(_patch: Pick<ApiRequest, 'contentType' | 'object'>, _fields: readonly string[]): boolean {
  return false
}
