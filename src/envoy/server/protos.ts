import { join } from 'node:path'
import { loadPackageDefinition, type ServiceClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const ROOT = join(import.meta.dirname, '../../../protos')

const definition = loadSync(
  [
    'envoy/service/auth/v3/external_auth.proto',
    'envoy/service/ext_proc/v3/external_processor.proto',
    'envoy/service/accesslog/v3/als.proto',
  ],
  {
    includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map(folder => join(ROOT, folder)),
    keepCase: true,
    longs: Number,
    enums: String,
    oneofs: true,
  },
)
const loaded = loadPackageDefinition(definition)

/** The definition of a service by its full name. */
export function serviceDefinition(name: string): ServiceDefinition {
  let found: unknown = loaded
  for (const part of name.split('.')) found = (found as Readonly<Record<string, unknown>> | undefined)?.[part]
  if (typeof found !== 'function') throw new Error(`no service ${name} in protos/`)
  return (found as ServiceClientConstructor).service
}
