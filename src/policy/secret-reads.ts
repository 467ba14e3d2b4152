import type { RequestInfo } from '../request/api-request.ts'

/** Verbs that are answered with one Secret, or may be: a patch is, as a dry run too, and a delete when finalizers keep the object. */
export const READS_ONE = ['get', 'patch', 'delete'] as const
/** Verbs that are answered with many: a deleted collection as well. */
export const READS_MANY = ['list', 'watch', 'deletecollection'] as const

const READS: ReadonlySet<string> = new Set([...READS_ONE, ...READS_MANY])

/**
 * Whether the answer may hold a Secret that the client did not send. create and update are answered with what was sent. The saved query
 * `secrets-read` goes by the same verbs.
 */
export function mayReadSecrets({ isResourceRequest, apiGroup, resource, verb }: RequestInfo): boolean {
  return isResourceRequest && apiGroup === '' && resource === 'secrets' && READS.has(verb)
}
