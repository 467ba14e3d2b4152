import type { CheckRequest } from '../to-http-request.ts'
import { BYTES, VARINT, walk } from './fields.ts'

type Attributes = NonNullable<CheckRequest['attributes']>
type Http = NonNullable<NonNullable<Attributes['request']>['http']>
type RawHeader = NonNullable<NonNullable<Http['header_map']>['headers']>[number]
type Source = NonNullable<Attributes['source']>

/** Writable while it is read. */
type Reading<T> = { -readonly [K in keyof T]?: T[K] }

/** Of what is passed by, all is of bytes but these: `size` of a request, and of a socket's address protocol, port and ipv4_compat. */
const SIZE = 9
const SOCKET_NUMBERS: ReadonlySet<number> = new Set([1, 3, 6])

/**
 * The numbers are those of the protos: envoy/service/auth/v3/{external_auth,attribute_context}.proto, envoy/config/core/v3/{base,address}.proto.
 *
 * Reads a CheckRequest as Envoy writes it, and of it only what `CheckRequest` names; what it does not name is passed by unread. Null for
 * anything else: a field that comes twice, another wire type, a group, a length that is wrong. What that means, or that it means
 * nothing, the library's reader tells: this one says the same as that, or nothing (test/envoy/wire/check-codec.test.ts).
 */
export function readPlainCheck(bytes: Buffer): CheckRequest | null {
  const check: Reading<CheckRequest> = {}
  const isPlain = walk(bytes, 0, bytes.length, (field, wire, from, to) => {
    if (field !== 1) return wire === BYTES
    if (wire !== BYTES || check.attributes !== undefined) return false
    const attributes = readAttributes(bytes, from, to)
    if (attributes === null) return false
    check.attributes = attributes
    return true
  })
  return isPlain ? check : null
}

function readAttributes(bytes: Buffer, from: number, to: number): Attributes | null {
  const attributes: Reading<Attributes> = {}
  const extensions: Record<string, string> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    switch (field) {
      case 1: {
        if (wire !== BYTES || attributes.source !== undefined) return false
        const source = readPeer(bytes, begin, end)
        if (source !== null) attributes.source = source
        return source !== null
      }
      case 4: {
        if (wire !== BYTES || attributes.request !== undefined) return false
        const request = readRequest(bytes, begin, end)
        if (request !== null) attributes.request = request
        return request !== null
      }
      case 10:
        attributes.context_extensions = extensions
        return wire === BYTES && readEntry(bytes, begin, end, extensions)
      default:
        return wire === BYTES
    }
  })
  return isPlain ? attributes : null
}

function readRequest(bytes: Buffer, from: number, to: number): { readonly http?: Http } | null {
  const request: Reading<{ readonly http?: Http }> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    if (field !== 2) return wire === BYTES
    if (wire !== BYTES || request.http !== undefined) return false
    const http = readHttp(bytes, begin, end)
    if (http !== null) request.http = http
    return http !== null
  })
  return isPlain ? request : null
}

function readHttp(bytes: Buffer, from: number, to: number): Http | null {
  const http: Reading<Http> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    switch (field) {
      case 2:
        if (wire !== BYTES || http.method !== undefined) return false
        http.method = bytes.toString('utf8', begin, end)
        return true
      case 3:
        // Headers as a map: of two with one name it has but one, and Envoy is told not to send it.
        return false
      case 4:
        if (wire !== BYTES || http.path !== undefined) return false
        http.path = bytes.toString('utf8', begin, end)
        return true
      case 12:
        if (wire !== BYTES || http.raw_body !== undefined) return false
        http.raw_body = bytes.subarray(begin, end)
        return true
      case 13: {
        if (wire !== BYTES || http.header_map !== undefined) return false
        const headers = readHeaders(bytes, begin, end)
        if (headers !== null) http.header_map = { headers }
        return headers !== null
      }
      default:
        return wire === (field === SIZE ? VARINT : BYTES)
    }
  })
  return isPlain ? http : null
}

function readHeaders(bytes: Buffer, from: number, to: number): readonly RawHeader[] | null {
  const headers: RawHeader[] = []
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    if (field !== 1) return wire === BYTES
    const header = wire === BYTES ? (readShort(bytes, begin, end) ?? readHeader(bytes, begin, end)) : null
    if (header !== null) headers.push(header)
    return header !== null
  })
  return isPlain ? headers : null
}

const KEY = (1 << 3) | BYTES
const RAW_VALUE = (3 << 3) | BYTES

/**
 * A header as Envoy writes nearly all of them: a key of ASCII, then the bytes of a value, of which there are some. Null for any other, which is read
 * field by field.
 */
function readShort(bytes: Buffer, from: number, to: number): RawHeader | null {
  const keyBytes = bytes[from + 1] ?? 0
  const begin = from + 2
  const end = begin + keyBytes
  if (bytes[from] !== KEY || keyBytes > 0x7f || end + 1 >= to || bytes[end] !== RAW_VALUE) return null
  const low = bytes[end + 1] ?? 0
  const high = low > 0x7f ? (bytes[end + 2] ?? 0) : 0
  const valueAt = end + (low > 0x7f ? 3 : 2)
  if (high > 0x7f || valueAt >= to || valueAt + ((low & 0x7f) | (high << 7)) !== to) return null
  for (let at = begin; at < end; at += 1) if ((bytes[at] ?? 0) > 0x7f) return null
  return { key: bytes.toString('latin1', begin, end), value: bytes.toString('latin1', valueAt, to) }
}

/** With the bytes of `raw_value` as text in the place of `value`, where there are any: as every reader of headers here takes them. */
function readHeader(bytes: Buffer, from: number, to: number): RawHeader | null {
  let key: string | undefined
  let value: string | undefined
  let raw: string | undefined
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    switch (field) {
      case 1:
        if (wire !== BYTES || key !== undefined) return false
        key = bytes.toString('utf8', begin, end)
        return true
      case 2:
        if (wire !== BYTES || value !== undefined) return false
        value = bytes.toString('utf8', begin, end)
        return true
      case 3:
        if (wire !== BYTES || raw !== undefined) return false
        raw = bytes.toString('latin1', begin, end)
        return true
      default:
        return wire === BYTES
    }
  })
  return isPlain ? { key: key ?? '', value: raw || (value ?? '') } : null
}

/** An entry of a map of texts; of a key that comes again, the last one counts. */
function readEntry(bytes: Buffer, from: number, to: number, into: Record<string, string>): boolean {
  let key = ''
  let value = ''
  let fields = 0
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    // In order, each once: how an entry is written.
    if (wire !== BYTES || field !== ++fields) return false
    if (field === 1) key = bytes.toString('utf8', begin, end)
    else value = bytes.toString('utf8', begin, end)
    return field <= 2
  })
  if (!isPlain || key === '__proto__') return false
  into[key] = value
  return true
}

function readPeer(bytes: Buffer, from: number, to: number): Source | null {
  const peer: Reading<Source> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    switch (field) {
      case 1: {
        if (wire !== BYTES || peer.address !== undefined) return false
        const address = readAddress(bytes, begin, end)
        if (address !== null) peer.address = address
        return address !== null
      }
      case 5:
        if (wire !== BYTES || peer.certificate !== undefined) return false
        peer.certificate = bytes.toString('utf8', begin, end)
        return true
      default:
        return wire === BYTES
    }
  })
  return isPlain ? peer : null
}

type Address = NonNullable<Source['address']>

function readAddress(bytes: Buffer, from: number, to: number): Address | null {
  const address: Reading<Address> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    if (field !== 1) return wire === BYTES
    if (wire !== BYTES || address.socket_address !== undefined) return false
    const socket: { address?: string } = {}
    address.socket_address = socket
    return walk(bytes, begin, end, (inner, wireOf, first, last) => {
      if (inner !== 2) return wireOf === (SOCKET_NUMBERS.has(inner) ? VARINT : BYTES)
      if (wireOf !== BYTES || socket.address !== undefined) return false
      socket.address = bytes.toString('utf8', first, last)
      return true
    })
  })
  return isPlain ? address : null
}
