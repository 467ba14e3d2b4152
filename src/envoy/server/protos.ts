import { readFileSync } from 'node:fs'
import { loadPackageDefinition, type ServiceClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'

/** Made of the .proto files beside it by `npm run protos`: those themselves take several times as long to read. */
const SERVICES = new URL('../../../protos/services.json', import.meta.url)

const definition = fromJSON(JSON.parse(readFileSync(SERVICES, 'utf8')), { longs: Number, enums: String, oneofs: true })
const loaded = loadPackageDefinition(definition)

/** The definition of a service by its full name; throws where protos/ has none. */
export function serviceDefinition(name: string): ServiceDefinition {
  let found: unknown = loaded
  for (const part of name.split('.')) found = (found as Readonly<Record<string, unknown>> | undefined)?.[part]
  if (typeof found !== 'function') throw new Error(`no service ${name} in protos/`)
  return (found as ServiceClientConstructor).service
}
