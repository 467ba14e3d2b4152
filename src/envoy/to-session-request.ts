import type { SessionRequest } from '../session/recording/session-handler.ts'
import { fromMetadata, METADATA_NAMESPACE } from './metadata.ts'
import type { Struct } from './struct.ts'

interface HttpHeaders {
  readonly headers?: { readonly headers?: readonly RawHeader[] }
}

interface RawHeader {
  readonly key?: string
  readonly value?: string
  readonly raw_value?: Uint8Array
}

interface HttpBody {
  readonly body?: Uint8Array
}

/** envoy.service.ext_proc.v3.ProcessingRequest, as far as it is read. */
export interface ProcessingRequest {
  readonly request?: string
  readonly request_headers?: HttpHeaders
  readonly request_body?: HttpBody
  readonly response_body?: HttpBody
  readonly metadata_context?: { readonly filter_metadata?: Readonly<Record<string, Struct>> }
}

const UPGRADES: ReadonlyMap<string, SessionRequest['upgrade']> = new Map([
  ['websocket', 'websocket'],
  ['spdy/3.1', 'spdy'],
])

/** Where each of them names what is spoken in the tunnel. */
const PROTOCOL = { websocket: 'sec-websocket-protocol', spdy: 'x-stream-protocol-version' } as const

/** Null where no decision came with it, or it asks for no tunnel that we know. */
export function toSessionRequest({ request_headers, metadata_context }: ProcessingRequest): SessionRequest | null {
  const key = fromMetadata(metadata_context?.filter_metadata?.[METADATA_NAMESPACE])
  const [target] = valuesOf(request_headers, ':path')
  const upgrade = UPGRADES.get(valuesOf(request_headers, 'upgrade').join().toLowerCase())
  if (key === null || key.lease === '' || target === undefined || upgrade === undefined) return null
  const { auditId, lease } = key
  const protocols = valuesOf(request_headers, PROTOCOL[upgrade]).flatMap(line => line.split(/[ \t]*,[ \t]*/))
  return { auditId, lease, target, upgrade, protocols }
}

/** As the authorizer wrote it. */
export function toAuditId({ request_headers }: ProcessingRequest): string | null {
  const [auditId, another] = valuesOf(request_headers, 'audit-id')
  return another === undefined ? (auditId ?? null) : null
}

/** What the API server has agreed to; null: to no tunnel. */
export function toProtocol({
  status,
  headers,
}: {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
}): string | null {
  if (status !== 101) return null
  return Object.values(PROTOCOL)
    .flatMap(name => headers.get(name) ?? [])
    .join()
}

function valuesOf(headers: HttpHeaders | undefined, name: string): readonly string[] {
  const lines = headers?.headers?.headers ?? []
  return lines.filter(({ key }) => key === name).map(toValue)
}

function toValue({ value = '', raw_value }: RawHeader): string {
  return raw_value === undefined || raw_value.length === 0 ? value : Buffer.from(raw_value).toString('latin1')
}
