/** As it stands: bytes of texts and messages, the number of a varint as a signed one of 64 bits (exact where it is a safe integer). */
export type Value = Uint8Array | number | Fixed

/**
 * Of a fixed length, as floating numbers are. Nothing else is one: in entries of maps Go's decoder does not look at the wire type, and
 * would take the first of these bytes for the length of a text.
 */
export interface Fixed {
  readonly fixed: Uint8Array
}

export function isBytes(value: Value | undefined): value is Uint8Array {
  return value instanceof Uint8Array
}

/** Values of a message's fields by number. */
export type Fields = ReadonlyMap<number, readonly Value[]>

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** Beyond them Go's decoder would cut bits off, and arrive at another field. */
const MAX_TAG = 0xffff_ffff
const MAX_VARINT_BYTES = 10
/** More than any message of Kubernetes has; each takes time that others wait for. */
const MAX_FIELDS = 10_000
/** Messages within messages that are read for one question. */
const MAX_MESSAGES = 10_000

/** One protobuf message (protobuf.dev/programming-guides/encoding); null when it cannot be one. Groups, which Kubernetes never uses, count as that. */
export function readFields(bytes: Uint8Array): Fields | null {
  const fields = new Map<number, Value[]>()
  let at = 0
  for (let count = 0; at < bytes.length; count += 1) {
    const tag = readVarint(bytes, at)
    if (tag === null || tag.value > MAX_TAG || count === MAX_FIELDS) return null
    const number = Math.floor(tag.value / 8)
    const value = number === 0 ? null : readValue(bytes, tag.next, tag.value % 8)
    if (value === null) return null
    const values = fields.get(number)
    if (values === undefined) fields.set(number, [value.value])
    else values.push(value.value)
    at = value.next
  }
  return fields
}

/**
 * The messages under a path of field numbers, all of them where a field repeats; null when one of them cannot be read, or when they are
 * more than any object has.
 */
export function messagesAt(fields: Fields, path: readonly number[]): readonly Fields[] | null {
  let level: readonly Fields[] = [fields]
  let read = 0
  for (const number of path) {
    const next: Fields[] = []
    for (const message of level) {
      for (const value of message.get(number) ?? []) {
        read += 1
        const inner = !isBytes(value) || read > MAX_MESSAGES ? null : readFields(value)
        if (inner === null) return null
        next.push(inner)
      }
    }
    level = next
  }
  return level
}

interface Read<T> {
  readonly value: T
  readonly next: number
}

function readValue(bytes: Uint8Array, at: number, wireType: number): Read<Value> | null {
  switch (wireType) {
    case VARINT:
      return readSigned(bytes, at)
    case FIXED64:
      return fixed(bytes, at, 8)
    case FIXED32:
      return fixed(bytes, at, 4)
    case BYTES: {
      const length = readVarint(bytes, at)
      return length === null ? null : slice(bytes, length.next, length.value)
    }
    default:
      return null
  }
}

function fixed(bytes: Uint8Array, at: number, length: number): Read<Fixed> | null {
  const read = slice(bytes, at, length)
  return read === null ? null : { value: { fixed: read.value }, next: read.next }
}

function slice(bytes: Uint8Array, at: number, length: number): Read<Uint8Array> | null {
  return at + length > bytes.length ? null : { value: bytes.subarray(at, at + length), next: at + length }
}

/** Longer ones may not be exact as numbers, or be negative. */
const MAX_EXACT_BYTES = 7

function readSigned(bytes: Uint8Array, from: number): Read<number> | null {
  const read = readVarint(bytes, from)
  if (read === null || read.next - from <= MAX_EXACT_BYTES) return read
  const groups = bytes.subarray(from, read.next).toReversed()
  const value = groups.reduce((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n)
  return { value: Number(BigInt.asIntN(64, value)), next: read.next }
}

function readVarint(bytes: Uint8Array, from: number): Read<number> | null {
  let [value, scale] = [0, 1]
  for (let at = from; at < from + MAX_VARINT_BYTES; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return null
    value += (byte & 0x7f) * scale
    // The tenth byte holds the last of 64 bits; Go's decoder drops what is above.
    if (byte < 0x80) return at === from + MAX_VARINT_BYTES - 1 && byte > 1 ? null : { value, next: at + 1 }
    scale *= 0x80
  }
  return null
}
