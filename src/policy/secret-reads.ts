import type { RequestInfo } from '../request/api-request.ts'

/** Verbs that are answered with one Secret, or may be: a patch is, as a dry run too, and a delete when finalizers keep the object. */
export const READS_ONE = ['get', 'patch', 'delete'] as const
/** Verbs that are answered with many: a deleted collection as well. */
export const READS_MANY = ['list', 'watch', 'deletecollection'] as const

const READS: ReadonlySet<string> = new Set([...READS_ONE, ...READS_MANY])

/** What others have that is answered with Secrets, tokens or kubeconfigs, by group; some of it is made by a create. */
export const CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  'image.openshift.io': ['imagestreams/secrets'],
  'oauth.openshift.io': ['oauthaccesstokens', 'oauthauthorizetokens', 'useroauthaccesstokens', 'oauthclients'],
  'management.cattle.io': ['tokens'],
  'ext.cattle.io': ['tokens', 'kubeconfigs'],
  'core.gardener.cloud': ['shoots/adminkubeconfig', 'shoots/viewerkubeconfig'],
}
export const READS_CREDENTIALS = [...READS_ONE, ...READS_MANY, 'create', 'update'] as const

const OF_OTHERS: ReadonlySet<string> = new Set(READS_CREDENTIALS)

/**
 * Whether the answer may hold a Secret that the client did not send. create and update are answered with what was sent, but where others
 * answer with what they have made. The saved query `secrets-read` goes by the same verbs, and by the risks of the rest.
 */
export function mayReadSecrets({ isResourceRequest, apiGroup, resource, subresource, verb }: RequestInfo): boolean {
  if (!isResourceRequest) return false
  if (apiGroup === '') return resource === 'secrets' && READS.has(verb)
  const of = Object.hasOwn(CREDENTIALS, apiGroup) ? CREDENTIALS[apiGroup] : undefined
  return of?.includes(subresource === '' ? resource : `${resource}/${subresource}`) === true && OF_OTHERS.has(verb)
}
