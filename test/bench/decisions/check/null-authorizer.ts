import { join } from 'node:path'
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/*
 * grpc-js doing nothing: a server as its manual has it, which reads each check whole, and answers what an allowed read is answered. None
 * of our own code is in it, so that what it costs stays what it is.
 */
const PROTOS = join(import.meta.dirname, '../../../../protos')

const definition = loadSync('envoy/service/auth/v3/external_auth.proto', {
  includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map(folder => join(PROTOS, folder)),
  keepCase: true,
  longs: Number,
  enums: String,
  oneofs: true,
})

function serviceNamed(name: string): ServiceClientConstructor['service'] {
  let found: unknown = loadPackageDefinition(definition)
  for (const part of name.split('.')) found = (found as Readonly<Record<string, unknown>>)[part]
  return (found as ServiceClientConstructor).service
}

const text = (stringValue: string) => ({ stringValue })
const header = (key: string, value: string) => ({ header: { key, value } })
const row = {
  audit_id: text('0b1f3c52-5d0e-4b3a-8f6d-9c1d2e3f4a5b'),
  decided_at: { numberValue: 1_700_000_000_000 },
  agent: text('agent'),
  lease: text('lse_01hf7yat00abcdefghjkmnpqrs00'),
}
const ALLOWED = {
  status: { code: 0 },
  ok_response: {
    headers: [
      header('audit-id', '0b1f3c52-5d0e-4b3a-8f6d-9c1d2e3f4a5b'),
      header('x-envoy-upstream-stream-duration-ms', '3000000'),
    ],
  },
  dynamic_metadata: {
    fields: {
      row: { structValue: { fields: row } },
      user: text('leasegate:agent'),
      group0: text('leasegate:agents'),
      group1: text('leasegate:template:restart'),
      extra0: text('lse_01hf7yat00abcdefghjkmnpqrs00'),
    },
  },
}

const server = new Server()
server.addService(serviceNamed('envoy.service.auth.v3.Authorization'), {
  Check: (_: unknown, respond: (error: null, answer: object) => void) => respond(null, ALLOWED),
})
server.bindAsync(`unix:${process.argv[2] ?? ''}`, ServerCredentials.createInsecure(), error => {
  if (error !== null) throw error
})
