import { decodeText } from '../../request/object/json.ts'
import type { Fields } from '../../request/object/protobuf.ts'
import type { Asked } from './entry.ts'

const TOKEN_TYPE = 'kubernetes.io/service-account-token'

/** Of the message Secret (k8s.io/api/core/v1, generated.proto). */
const TYPE_NUMBER = 3

/**
 * Whether the request may make a Secret into which Kubernetes writes a service account's token. An object that cannot be read counts
 * as one.
 */
export function mayMakeTokenSecret({ request: { object } }: Asked): boolean {
  switch (object.kind) {
    case 'plain':
      return !isOtherType(object.value['type'] ?? '')
    case 'protobuf':
      return !typesIn(object.fields).every(isOtherType)
    case 'steps':
    case 'none':
    case 'unreadable':
      return true
  }
}

function typesIn(fields: Fields): readonly unknown[] {
  return (fields.get(TYPE_NUMBER) ?? []).map(value => (typeof value === 'number' ? value : decodeText(value)))
}

function isOtherType(type: unknown): boolean {
  return typeof type === 'string' && type !== TOKEN_TYPE
}
