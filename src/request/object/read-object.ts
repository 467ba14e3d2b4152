import type { ApiRequest, RequestInfo } from '../api-request.ts'
import { isProxy, isStreamTarget } from '../needs/connect.ts'
import { parseJson } from './json.ts'
import { toSteps } from './json-patch.ts'
import { decodeMessage } from './protobuf/decode.ts'
import { openEnvelope } from './protobuf/envelope.ts'
import { kindSentTo } from './protobuf/messages.ts'
import type { PlainObject, SentObject } from './sent-object.ts'
import { type Parsed, unreadable } from './unreadable.ts'
import { parseYaml } from './yaml.ts'

/** What etcd takes, and so what the API server can store. */
const MAX_BYTES = 1.5 * 1024 * 1024

const NONE: SentObject = { kind: 'none' }

/** Verbs that send an object; the body of a delete holds options. */
const SENDS_OBJECT: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

type Write = Pick<ApiRequest, 'info' | 'contentType' | 'upgrade'>

/** Reads what a write carries. The media type alone says how: the API server does not guess either. */
export function readObject({ info, contentType, upgrade }: Write, body: Uint8Array): SentObject {
  if (body.length === 0 || upgrade !== null || !sendsObject(info)) return NONE
  if (body.length > MAX_BYTES) return unreadable(`it is larger than ${MAX_BYTES} bytes`)
  switch (contentType) {
    case '':
    case 'application/json':
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json':
      return toPlain(parseJson(body))
    case 'application/yaml':
    case 'application/apply-patch+yaml':
      return toPlain(parseYaml(body))
    case 'application/json-patch+json':
      return toPatch(parseJson(body))
    case 'application/vnd.kubernetes.protobuf':
      return fromProtobuf(info, body)
    case 'application/cbor':
    case 'application/apply-patch+cbor':
      return unreadable('it is CBOR, which is not read here; send JSON')
    default:
      return unreadable('its content type is not read here; send JSON')
  }
}

/** As the object that JSON would be, where it is one of Kubernetes' own; the API server takes no other kind than that of the path. */
function fromProtobuf(info: RequestInfo, body: Uint8Array): SentObject {
  const envelope = openEnvelope(body)
  if (envelope === null) return unreadable('it is not the protobuf of one object')
  const { type, fields } = envelope
  const kind = info.verb === 'patch' ? null : kindSentTo(info)
  const isThat =
    type !== null && ['', kind?.apiVersion].includes(type.apiVersion) && ['', kind?.kind].includes(type.kind)
  const value = kind !== null && isThat ? decodeMessage(kind.message, fields) : null
  if (kind === null || value === null) return { kind: 'protobuf', fields }
  return { kind: 'plain', value: { apiVersion: kind.apiVersion, kind: kind.kind, ...value } }
}

function sendsObject(info: RequestInfo): boolean {
  return info.isResourceRequest && SENDS_OBJECT.has(info.verb) && !isProxy(info) && !isStreamTarget(info)
}

function toPlain(parsed: Parsed): SentObject {
  if (parsed.kind === 'unreadable') return parsed
  const { value } = parsed
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? { kind: 'plain', value: value as PlainObject } : unreadable('it is not an object')
}

function toPatch(parsed: Parsed): SentObject {
  if (parsed.kind === 'unreadable') return parsed
  const steps = toSteps(parsed.value)
  return steps === null ? unreadable('it is not a JSON patch') : { kind: 'steps', steps }
}
