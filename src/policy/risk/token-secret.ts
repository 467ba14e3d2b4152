import type { Asked } from './entry.ts'
import { readJson, readYaml } from './read-object.ts'

const TOKEN_TYPE = 'kubernetes.io/service-account-token'

/**
 * Whether the request may make a Secret into which Kubernetes writes a service account's token. A body that cannot be read counts
 * as one. Built-in kinds also come as protobuf, where strings stand in the clear.
 */
export function mayMakeTokenSecret({ request, body }: Asked): boolean {
  if (body === undefined) return true
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.includes(TOKEN_TYPE)) return true
  switch (request.contentType) {
    case 'application/vnd.kubernetes.protobuf':
      return false
    case '':
    case 'application/json':
      return !isOtherType(readJson(bytes))
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return !isOtherType(readJson(bytes) ?? readYaml(bytes))
    default:
      return true
  }
}

/** The type may hide behind escapes: only a body that was read tells. */
function isOtherType(object: unknown): boolean {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return false
  return !('type' in object) || (typeof object.type === 'string' && object.type !== TOKEN_TYPE)
}
