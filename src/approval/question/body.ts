import type { ApiRequest } from '../../request/api-request.ts'
import { decodeText, parseJson } from '../../request/object/json.ts'
import { decodeMessage } from '../../request/object/protobuf/decode.ts'
import { openEnvelope } from '../../request/object/protobuf/envelope.ts'
import { DELETE_OPTIONS } from '../../request/object/protobuf/messages.ts'
import { type Unreadable, unreadable } from '../../request/object/unreadable.ts'
import { parseYaml } from '../../request/object/yaml.ts'

export interface Text {
  readonly kind: 'text'
  readonly text: string
}

/** The body as text for an approver: objects and options as compact JSON, what goes through a proxy as it is; '' for none. */
export function readBody({ info, object, contentType }: ApiRequest, body: Uint8Array): Text | Unreadable {
  if (body.length === 0) return text('')
  switch (object.kind) {
    case 'plain':
      return text(JSON.stringify(object.value))
    case 'steps':
      return readOptions(contentType, body)
    case 'protobuf':
      return unreadable(
        'the body is protobuf of a kind or a version whose fields nothing here knows by name; send JSON',
      )
    case 'unreadable':
      return unreadable(`the body cannot be read: ${object.why}`)
    case 'none':
      return info.verb.startsWith('delete') && info.isResourceRequest ? readOptions(contentType, body) : asItIs(body)
  }
}

/** Of a delete the body counts and not the query: without having read it nobody knows what would be deleted, or whether. */
function readOptions(contentType: string, body: Uint8Array): Text | Unreadable {
  if (contentType === 'application/vnd.kubernetes.protobuf') return readProtobufOptions(body)
  const isYaml = contentType === 'application/yaml'
  if (!isYaml && contentType !== '' && !/^application\/(?:json|json-patch\+json)$/.test(contentType)) {
    return unreadable('its options are not JSON; send them as JSON, or in the query')
  }
  const parsed = isYaml ? parseYaml(body) : parseJson(body)
  if (parsed.kind === 'unreadable') return unreadable(`the body cannot be read: ${parsed.why}`)
  return text(JSON.stringify(parsed.value))
}

function readProtobufOptions(body: Uint8Array): Text | Unreadable {
  const envelope = openEnvelope(body)
  const isThat = envelope !== null && ['', 'DeleteOptions'].includes(envelope.type?.kind ?? '?')
  const options = isThat ? decodeMessage(DELETE_OPTIONS, envelope.fields) : null
  return options === null ? unreadable('its options cannot be read; send JSON') : text(JSON.stringify(options))
}

function asItIs(body: Uint8Array): Text | Unreadable {
  const decoded = decodeText(body)
  return decoded === null ? unreadable('the body is not text') : text(decoded)
}

function text(given: string): Text {
  return { kind: 'text', text: given }
}
