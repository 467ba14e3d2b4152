import { createHash } from 'node:crypto'
import type { ApiRequest } from '../request/api-request.ts'

/**
 * What a no is said to, SHA-256, hex: the same whatever the path and the query look like, and whichever lease of the agent it
 * comes under. What would run differs when the object, the verb, the command or the body does.
 */
export function subjectOf({ info, method, path, stream }: ApiRequest, body: Uint8Array): string {
  const hash = createHash('sha256')
  const { verb, apiGroup, namespace, resource, subresource, name } = info
  const what = info.isResourceRequest ? [verb, apiGroup, namespace, resource, subresource, name] : [method, path]
  for (const part of [...what, ...(stream?.command ?? [])]
    .map(text => Buffer.from(text, 'utf8'))
    .concat(Buffer.from(body))) {
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(part.length))
    hash.update(length).update(part)
  }
  return hash.digest('hex')
}
