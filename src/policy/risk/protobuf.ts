/** Values of a message's fields by number, as they stand: bytes of texts and messages, numbers of varints. */
export type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** One protobuf message (protobuf.dev/programming-guides/encoding); null when it cannot be one. Groups, which Kubernetes never uses, count as that. */
export function readFields(bytes: Uint8Array): Fields | null {
  const fields = new Map<number, (Uint8Array | bigint)[]>()
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    if (tag === null) return null
    const value = readValue(bytes, tag.next, Number(tag.value & 7n))
    if (value === null) return null
    const number = Number(tag.value >> 3n)
    const values = fields.get(number)
    if (values === undefined) fields.set(number, [value.value])
    else values.push(value.value)
    at = value.next
  }
  return fields
}

/** The messages under a path of field numbers, all of them where a field repeats; null when one of them cannot be read. */
export function messagesAt(bytes: Uint8Array, path: readonly number[]): readonly Fields[] | null {
  const fields = readFields(bytes)
  if (fields === null) return null
  const [first, ...rest] = path
  if (first === undefined) return [fields]
  const found: Fields[] = []
  for (const value of fields.get(first) ?? []) {
    const inner = typeof value === 'bigint' ? null : messagesAt(value, rest)
    if (inner === null) return null
    found.push(...inner)
  }
  return found
}

interface Read<T> {
  readonly value: T
  readonly next: number
}

function readValue(bytes: Uint8Array, at: number, wireType: number): Read<Uint8Array | bigint> | null {
  switch (wireType) {
    case VARINT:
      return readVarint(bytes, at)
    case FIXED64:
      return slice(bytes, at, 8)
    case FIXED32:
      return slice(bytes, at, 4)
    case BYTES: {
      const length = readVarint(bytes, at)
      return length === null ? null : slice(bytes, length.next, Number(length.value))
    }
    default:
      return null
  }
}

function slice(bytes: Uint8Array, at: number, length: number): Read<Uint8Array> | null {
  return at + length > bytes.length ? null : { value: bytes.subarray(at, at + length), next: at + length }
}

function readVarint(bytes: Uint8Array, from: number): Read<bigint> | null {
  let value = 0n
  for (let at = from, shift = 0n; shift < 70n; at += 1, shift += 7n) {
    const byte = bytes[at]
    if (byte === undefined) return null
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: at + 1 }
  }
  return null
}
