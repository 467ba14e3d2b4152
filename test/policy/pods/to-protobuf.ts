import { MESSAGE_OF, MESSAGES } from '../../../src/policy/pods/messages.ts'
import { bytesField, envelope, flagField } from '../../request/object/a-protobuf.ts'

/** An object as a client sends it in protobuf; what is not looked into is empty. */
export function toProtobuf(resource: string, object: object): Buffer {
  return envelope(encode(MESSAGE_OF[resource] ?? '', object))
}

/** An object without a type of its own, by the name of its message. */
export function encode(message: string, object: object): Buffer {
  const parts: Buffer[] = []
  for (const field of (MESSAGES[message] ?? '').split(',')) {
    const [number = '', name = '', type = ''] = field.trim().split(' ')
    const inline = name === '...'
    const given: unknown = inline ? object : Reflect.get(object, name)
    if (given === undefined || given === null) continue
    for (const value of type.endsWith('*') && Array.isArray(given) ? given : [given]) {
      parts.push(...encodeField(Number(number), type.replace('*', ''), value))
    }
  }
  return Buffer.concat(parts)
}

function encodeField(number: number, type: string, value: unknown): readonly Buffer[] {
  switch (type) {
    case 'any':
      return [bytesField(number, '')]
    case 'flag':
      return [flagField(number, value === true ? 1 : 0)]
    case 'number':
      return [flagField(number, Number(value))]
    case 'text':
      return [bytesField(number, String(value))]
    case 'texts':
      return Object.entries(value as object).map(([key, text]) =>
        bytesField(number, Buffer.concat([bytesField(1, key), bytesField(2, String(text))])),
      )
    default:
      return [bytesField(number, encode(type, value as object))]
  }
}
