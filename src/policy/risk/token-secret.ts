import { isAlias, isNode, parseDocument, visit } from 'yaml'
import type { Asked } from './entry.ts'

const TOKEN_TYPE = 'kubernetes.io/service-account-token'
/** YAML is slow to read; a Secret this large comes as JSON. */
const MAX_YAML_BYTES = 256 * 1024

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

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Undefined for what Kubernetes' YAML 1.1 might read otherwise: tags (`!!binary` is decoded there), aliases, merge keys. */
function readYaml(bytes: Buffer): unknown {
  if (bytes.length > MAX_YAML_BYTES) return undefined
  const document = parseDocument(bytes.toString('utf8'))
  if (document.errors.length > 0) return undefined
  let plain = true
  visit(document, (_, node) => {
    if (isAlias(node) || (isNode(node) && node.tag !== undefined)) plain = false
    return plain ? undefined : visit.BREAK
  })
  const object: unknown = plain ? document.toJS() : undefined
  return typeof object === 'object' && object !== null && '<<' in object ? undefined : object
}
