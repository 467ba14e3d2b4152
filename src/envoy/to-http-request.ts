import { thumbprint } from '../identity/certificate/thumbprint.ts'
import { type HeaderLine, type HttpRequest, ROUTE_CLASSES, type RouteClass } from '../request/http-request.ts'

/** envoy.service.auth.v3.CheckRequest, as far as it is read. */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: {
      readonly address?: { readonly socket_address?: { readonly address?: string } }
      /** What the client showed in its handshake: PEM, percent-encoded. */
      readonly certificate?: string
    }
    readonly request?: { readonly http?: CheckedHttp }
    readonly context_extensions?: Readonly<Record<string, string>>
  }
}

interface CheckedHttp {
  readonly method?: string
  readonly path?: string
  readonly raw_body?: Uint8Array
  readonly header_map?: { readonly headers?: readonly RawHeader[] }
}

interface RawHeader {
  readonly key?: string
  readonly value?: string
  readonly raw_value?: Uint8Array
}

const EMPTY = new Uint8Array()
const BEYOND_ASCII = /[\x80-\xff]/

/** The request that Envoy asks about. Throws when Envoy left out what every request has: such a request is nobody's. */
export function toHttpRequest(check: CheckRequest): HttpRequest {
  const http = check.attributes?.request?.http
  const lines = (http?.header_map?.headers ?? []).map(toHeaderLine)
  const id = only(lines, 'x-request-id')
  const certificate = thumbprintOf(check.attributes?.source?.certificate)
  const target = toTarget(http, lines)
  if (http?.method === undefined || target === null || id === null) {
    throw new Error('Envoy sent a check without method, path or request id, or with two paths')
  }
  return {
    id,
    method: http.method,
    target,
    headers: lines.filter(isNoPseudoHeader),
    body: http.raw_body ?? EMPTY,
    ...announced(check, lines),
    route: toRouteClass(check.attributes?.context_extensions?.['route']),
    source: check.attributes?.source?.address?.socket_address?.address ?? '',
    ...(certificate === null ? {} : { certificate }),
  }
}

/**
 * What the API server will get: the bytes of the line, where there is one. Envoy tells the path as text too; where all of it is
 * text, both must say the same. Only CONNECT has none.
 */
function toTarget(http: CheckedHttp | undefined, lines: readonly HeaderLine[]): string | null {
  const path = http?.path ?? (http?.method === 'CONNECT' ? '' : null)
  const line = only(lines, ':path')
  if (line === null) return path
  return line === path || BEYOND_ASCII.test(line) ? line : null
}

/** Of anybody: nobody's certificate is so long, and strangers are not read at length. */
const LONGEST_CERTIFICATE = 24_576

function thumbprintOf(certificate = ''): string | null {
  if (certificate === '' || certificate.length > LONGEST_CERTIFICATE) return null
  try {
    return thumbprint(decodeURIComponent(certificate))
  } catch {
    return null
  }
}

/** Whether Envoy asks about a head alone, while nobody has waited for its body. */
export function isHeadAlone(check: CheckRequest): boolean {
  return check.attributes?.context_extensions?.['part'] === 'head'
}

/** The route names the most that it waits for; a length may say less, and chunks, which Envoy does not show, say nothing. */
function announced(check: CheckRequest, lines: readonly HeaderLine[]): Pick<HttpRequest, 'announcedBytes'> {
  const limit = check.attributes?.context_extensions?.['body_limit']
  if (limit === undefined) return {}
  const length = only(lines, 'content-length')
  const saysLess = length !== null && /^\d+$/.test(length) && Number(length) < Number(limit)
  return { announcedBytes: Number(saysLess ? length : limit) }
}

const COLON = 0x3a

function isNoPseudoHeader([name]: HeaderLine): boolean {
  return name.charCodeAt(0) !== COLON
}

/** `raw_value` carries the bytes where encode_raw_headers is on: latin-1 keeps each of them. */
function toHeaderLine({ key = '', value = '', raw_value }: RawHeader): HeaderLine {
  const raw = raw_value === undefined || raw_value.length === 0 ? value : Buffer.from(raw_value).toString('latin1')
  return [key.toLowerCase(), raw]
}

/** Null where there is none, an empty one, or several. */
function only(lines: readonly HeaderLine[], name: string): string | null {
  let found: string | null = null
  for (const [each, value] of lines) {
    if (each !== name) continue
    if (found !== null || value === '') return null
    found = value
  }
  return found
}

function toRouteClass(text: string | undefined): RouteClass | null {
  return ROUTE_CLASSES.find(route => route === text) ?? null
}
