import { type Field, messageOf } from '../../../src/request/object/protobuf/messages.ts'
import { bytesField, envelope, flagField } from '../../request/object/a-protobuf.ts'

const MESSAGE_OF: Readonly<Record<string, string>> = {
  pods: 'core/v1.Pod',
  secrets: 'core/v1.Secret',
  serviceaccounts: 'core/v1.ServiceAccount',
  deployments: 'apps/v1.Deployment',
  statefulsets: 'apps/v1.StatefulSet',
  jobs: 'batch/v1.Job',
  cronjobs: 'batch/v1.CronJob',
}

/** An object as a client sends it in protobuf. */
export function toProtobuf(resource: string, object: object): Buffer {
  const message = MESSAGE_OF[resource]
  if (message === undefined) throw new Error(`${resource} has no message here`)
  return envelope(encode(message, object))
}

/** An object without a type of its own, by the name of its message. */
export function encode(type: string, object: object): Buffer {
  const parts: Buffer[] = []
  for (const [number, field] of messageOf(type) ?? []) {
    const given: unknown = field.name === '...' ? object : Reflect.get(object, field.name)
    if (given === undefined || given === null) continue
    parts.push(...encodeField(number, field, given))
  }
  return Buffer.concat(parts)
}

function encodeField(number: number, { type, holds }: Field, given: unknown): readonly Buffer[] {
  if (holds === 'list' && Array.isArray(given)) return given.map(each => encodeValue(number, type, each))
  if (holds !== 'map') return [encodeValue(number, type, given)]
  return Object.entries(given as object).map(([key, value]) =>
    bytesField(number, Buffer.concat([bytesField(1, key), encodeValue(2, type, value)])),
  )
}

function encodeValue(number: number, type: string, value: unknown): Buffer {
  switch (type) {
    case 'flag':
      return flagField(number, value === true ? 1 : 0)
    case 'int32':
    case 'int64':
      return flagField(number, Number(value))
    case 'text':
      return bytesField(number, String(value))
    case 'bytes':
      return bytesField(number, Buffer.from(String(value), 'base64'))
    case 'resource.Quantity':
      return bytesField(number, bytesField(1, String(value)))
    case 'intstr.IntOrString':
      return bytesField(number, typeof value === 'number' ? flagField(2, value) : inText(String(value)))
    default:
      return bytesField(number, encode(type, value as object))
  }
}

function inText(value: string): Buffer {
  return Buffer.concat([flagField(1, 1), bytesField(3, value)])
}
