import { readFileSync } from 'node:fs'
import { loadPackageDefinition, type ServiceClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import {
  FILES,
  ROOTS,
  readProtos,
  SERVICES_FILE,
  servicesIn,
  servicesJson,
} from '../../../local/protos/services-json.ts'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'

const services = servicesIn(readProtos())
const byLoader = loadPackageDefinition(
  loadSync([...FILES], { includeDirs: [...ROOTS], keepCase: true, longs: Number, enums: String, oneofs: true }),
)

function loadersDefinition(name: string): ServiceDefinition {
  let found: unknown = byLoader
  for (const part of name.split('.')) found = (found as Readonly<Record<string, unknown>>)[part]
  return (found as ServiceClientConstructor).service
}

/** Deep enough for whatever we read or write. */
const DEPTH = 5

function messageOf(type: protobuf.Type, depth = DEPTH): fc.Arbitrary<object> {
  const fields = type.fieldsArray.flatMap(field => {
    const value = contentOf(field.resolve(), depth - 1)
    return value === null ? [] : [[field.name, value] as const]
  })
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] })
}

/** Null where it would never end. */
function contentOf(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> | null {
  const one = oneOf(field, depth)
  if (one === null) return null
  if (field instanceof protobuf.MapField) return fc.dictionary(fc.constantFrom('a', 'b', 'é'), one, { maxKeys: 2 })
  return field.repeated ? fc.array(one, { maxLength: 3 }) : one
}

function oneOf({ type, resolvedType }: protobuf.Field, depth: number): fc.Arbitrary<unknown> | null {
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(resolvedType.values))
  if (resolvedType instanceof protobuf.Type) return depth < 0 ? null : messageOf(resolvedType, depth)
  switch (type) {
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 5 })
    case 'bytes':
      return fc.uint8Array({ maxLength: 5 }).map(bytes => Buffer.from(bytes))
    case 'bool':
      return fc.boolean()
    case 'double':
    case 'float':
      return fc.integer()
    default:
      return fc.nat()
  }
}

describe('services.json', () => {
  test('is what npm run protos makes of the .proto files', () => {
    expect(readFileSync(SERVICES_FILE, 'utf8')).toBe(servicesJson())
  })
})

describe('serviceDefinition', () => {
  const methods = services.flatMap(service =>
    service.methodsArray.map(method => [method.fullName.slice(1), method] as const),
  )

  test('knows each service of the files', () => {
    expect(methods.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'envoy.service.auth.v3.Authorization.Check',
        'envoy.service.ext_proc.v3.ExternalProcessor.Process',
        'envoy.service.accesslog.v3.AccessLogService.StreamAccessLogs',
        'grpc.health.v1.Health.Check',
      ]),
    )
  })

  test.each(methods)('reads and writes messages of %s as the loader of the .proto files does', (_, method) => {
    const service = method.parent?.fullName.slice(1) ?? ''
    const [ours, theirs] = [serviceDefinition(service)[method.name], loadersDefinition(service)[method.name]]
    if (ours === undefined || theirs === undefined) throw new Error(`no ${method.name}`)
    expect(ours).toMatchObject({
      path: theirs.path,
      requestStream: theirs.requestStream,
      responseStream: theirs.responseStream,
    })
    const { resolvedRequestType: request, resolvedResponseType: response } = method
    if (request === null || response === null) throw new Error('no messages')
    fc.assert(
      fc.property(messageOf(request), messageOf(response), (asked, said) => {
        const bytes = theirs.requestSerialize(asked)
        expect(ours.requestSerialize(asked)).toEqual(bytes)
        expect(ours.requestDeserialize(bytes)).toEqual(theirs.requestDeserialize(bytes))
        const answer = theirs.responseSerialize(said)
        expect(ours.responseSerialize(said)).toEqual(answer)
        expect(ours.responseDeserialize(answer)).toEqual(theirs.responseDeserialize(answer))
      }),
    )
  })

  test('throws on a service that there is none of', () => {
    expect(() => serviceDefinition('envoy.service.auth.v3.Nothing')).toThrow('no service envoy.service.auth.v3.Nothing')
  })
})
