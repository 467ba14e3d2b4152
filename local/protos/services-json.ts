import { existsSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/google/protobuf/descriptor.json' with { type: 'json' }

const PROTOS = join(import.meta.dirname, '../../protos')
export const ROOTS = ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate', 'grpc'].map(folder =>
  join(PROTOS, folder),
)
export const FILES = [
  'envoy/service/auth/v3/external_auth.proto',
  'envoy/service/ext_proc/v3/external_processor.proto',
  'envoy/service/accesslog/v3/als.proto',
  'grpc/health/v1/health.proto',
]

export const SERVICES_FILE = join(PROTOS, 'services.json')

type Json = Readonly<Record<string, unknown>>

/**
 * The services and all that their messages are made of, as the loader reads them from JSON: a process that begins would take several times
 * as long for the .proto files themselves.
 */
export function servicesJson(): string {
  const root = readProtos()
  const used = new Set<string>()
  for (const service of servicesIn(root)) {
    used.add(service.fullName)
    for (const { resolvedRequestType, resolvedResponseType } of service.methodsArray)
      for (const type of [resolvedRequestType, resolvedResponseType]) if (type !== null) addAll(type, used)
  }
  return `${JSON.stringify(onlyUsed(root.toJSON() as Json, '', used), null, 1)}\n`
}

/** All that is in the files. */
export function readProtos(): protobuf.Root {
  // Of the options that the files are annotated with.
  protobuf.common('descriptor', descriptor.nested.google.nested.protobuf.nested)
  const root = new protobuf.Root()
  root.resolvePath = (_, file) => ROOTS.map(folder => join(folder, file)).find(path => existsSync(path)) ?? file
  root.loadSync(FILES, { keepCase: true })
  root.resolveAll()
  return root
}

export function servicesIn(namespace: protobuf.NamespaceBase): readonly protobuf.Service[] {
  if (namespace instanceof protobuf.Service) return [namespace]
  return namespace.nestedArray.flatMap(one => (one instanceof protobuf.Namespace ? servicesIn(one) : []))
}

/** A type, and what its fields are of. */
function addAll(type: protobuf.Type | protobuf.Enum, used: Set<string>): void {
  if (used.has(type.fullName)) return
  used.add(type.fullName)
  if (type instanceof protobuf.Enum) return
  for (const { resolvedType } of type.fieldsArray) if (resolvedType !== null) addAll(resolvedType, used)
}

/** Without what nobody uses, and without the options that Envoy's own tools read. */
function onlyUsed(json: Json, name: string, used: ReadonlySet<string>): Json {
  const isUsed = used.has(name) || name === ''
  const rest = isUsed ? (withoutExtensions({ ...json, nested: undefined }) as Json) : {}
  const nested = Object.entries((json['nested'] ?? {}) as Readonly<Record<string, Json>>).flatMap(([key, value]) => {
    const kept = onlyUsed(value, `${name}.${key}`, used)
    return Object.keys(kept).length === 0 ? [] : [[key, kept] as const]
  })
  return nested.length === 0 ? rest : { ...rest, nested: Object.fromEntries(nested) }
}

function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key, part]) => !key.startsWith('(') && part !== undefined)
  return Object.fromEntries(
    kept.map(([key, part]) => [key, withoutExtensions(part)] as const).filter(([key, part]) => !isEmpty(key, part)),
  )
}

function isEmpty(key: string, part: unknown): boolean {
  return key === 'options' && Object.keys(part as object).length === 0
}
