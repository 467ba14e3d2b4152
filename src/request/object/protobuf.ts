/** Values of a message's fields by number, as they stand: bytes of texts and messages, numbers of varints (exact up to 2^53). */
export type Fields = ReadonlyMap<number, readonly (Uint8Array | number)[]>

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

/** First bytes of every object in Kubernetes' protobuf (k8s.io/apimachinery, runtime/serializer/protobuf). */
const MAGIC = Buffer.from('k8s\0')
const UNKNOWN_RAW = 2

/** Fields of the object in its envelope (runtime.Unknown); null when there is not exactly one, or it cannot be read. */
export function openEnvelope(bytes: Uint8Array): Fields | null {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return null
  const raws = readFields(bytes.subarray(MAGIC.length))?.get(UNKNOWN_RAW) ?? []
  const [raw] = raws
  // Of two the API server takes the last.
  return raw === undefined || raws.length > 1 || typeof raw === 'number' ? null : readFields(raw)
}

/** One protobuf message (protobuf.dev/programming-guides/encoding); null when it cannot be one. Groups, which Kubernetes never uses, count as that. */
export function readFields(bytes: Uint8Array): Fields | null {
  const fields = new Map<number, (Uint8Array | number)[]>()
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
        const inner = typeof value === 'number' || read > MAX_MESSAGES ? null : readFields(value)
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

function readValue(bytes: Uint8Array, at: number, wireType: number): Read<Uint8Array | number> | null {
  switch (wireType) {
    case VARINT:
      return readVarint(bytes, at)
    case FIXED64:
      return slice(bytes, at, 8)
    case FIXED32:
      return slice(bytes, at, 4)
    case BYTES: {
      const length = readVarint(bytes, at)
      return length === null ? null : slice(bytes, length.next, length.value)
    }
    default:
      return null
  }
}

function slice(bytes: Uint8Array, at: number, length: number): Read<Uint8Array> | null {
  return at + length > bytes.length ? null : { value: bytes.subarray(at, at + length), next: at + length }
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
