import type { RequestInfo } from '../api-request.ts'

/** Resources whose objects hold a credential by what they are: their bodies are neither shown nor kept. */
const BY_NAME = /secret|token|credential|password|passphrase|kubeconfig|apikey/

/**
 * Whether what is sent to this resource may be a credential: Secrets of any group (also sealed ones and those of operators), token
 * reviews, requests for tokens. `BY_NAME` takes more than there is; an approver then sees the names, the size and the hash.
 */
export function carriesCredential({ isResourceRequest, resource, subresource }: RequestInfo): boolean {
  return isResourceRequest && (BY_NAME.test(resource) || BY_NAME.test(subresource))
}
