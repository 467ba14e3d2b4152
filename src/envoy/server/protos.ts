import { readFileSync } from 'node:fs'
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'
// Without what reads .proto files.
import protobuf from 'protobufjs/light.js'

/** Made of the .proto files beside it by `npm run protos`: those themselves take several times as long to read. */
const SERVICES = new URL('../../../protos/services.json', import.meta.url)

const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(SERVICES, 'utf8')))

/** As gRPC's loader has them, which makes descriptors of all messages besides: they are for who asks a server what it serves. */
const SAID = { longs: Number, enums: String, oneofs: true }

/** The definition of a service by its full name; throws where protos/ has none. */
export function serviceDefinition(name: string): ServiceDefinition {
  const service = root.lookup(name, [protobuf.Service])
  if (!(service instanceof protobuf.Service)) throw new Error(`no service ${name} in protos/`)
  return Object.fromEntries(service.methodsArray.map(method => [method.name, toDefinition(name, method)]))
}

function toDefinition(service: string, method: protobuf.Method): MethodDefinition<object, object> {
  method.resolve()
  const { name, requestStream, responseStream, resolvedRequestType, resolvedResponseType } = method
  if (resolvedRequestType === null || resolvedResponseType === null) throw new Error(`${name} has no messages`)
  return {
    path: `/${service}/${name}`,
    requestStream: requestStream === true,
    responseStream: responseStream === true,
    requestSerialize: writing(resolvedRequestType),
    requestDeserialize: reading(resolvedRequestType),
    responseSerialize: writing(resolvedResponseType),
    responseDeserialize: reading(resolvedResponseType),
  }
}

function writing(type: protobuf.Type): (message: object) => Buffer {
  return message => type.encode(type.fromObject(message)).finish() as Buffer
}

function reading(type: protobuf.Type): (bytes: Buffer) => object {
  return bytes => type.toObject(type.decode(bytes), SAID)
}
