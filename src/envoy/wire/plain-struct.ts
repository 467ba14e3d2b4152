import type { Struct } from '../struct.ts'
import { BYTES, FIXED64, VARINT, walk } from './fields.ts'

type Value = NonNullable<Struct['fields']>[string]

/** Ours are two deep. */
const MAX_DEPTH = 8

/**
 * A google.protobuf.Struct (google/protobuf/struct.proto) that lies between `from` and `to`. Null where something of it is not written plainly,
 * and for lists and nulls, which we never send.
 */
export function readPlainStruct(bytes: Buffer, from: number, to: number, depth = 0): Struct | null {
  if (depth > MAX_DEPTH) return null
  const fields: Record<string, Value> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    if (field !== 1 || wire !== BYTES) return false
    let key = ''
    let seen = 0
    const isWhole = walk(bytes, begin, end, (inner, wireOf, first, last) => {
      if (wireOf !== BYTES || inner !== ++seen) return false
      if (inner === 1) {
        key = bytes.toString('utf8', first, last)
        return key !== '__proto__'
      }
      const value = inner === 2 ? readValue(bytes, first, last, depth) : null
      if (value !== null) fields[key] = value
      return value !== null
    })
    return isWhole && seen === 2
  })
  return isPlain ? { fields } : null
}

function readValue(bytes: Buffer, from: number, to: number, depth: number): Value | null {
  let value: Value | null = null
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    // One of several kinds: of two the last one counts.
    if (value !== null) return false
    value = readOne(field, wire)
    return value !== null

    function readOne(kind: number, wireOf: number): Value | null {
      if (kind === 2 && wireOf === FIXED64) return { numberValue: bytes.readDoubleLE(begin) }
      if (kind === 3 && wireOf === BYTES) return { stringValue: bytes.toString('utf8', begin, end) }
      if (kind === 4 && wireOf === VARINT && end - begin === 1 && (bytes[begin] ?? 2) < 2) {
        return { boolValue: bytes[begin] === 1 }
      }
      if (kind !== 5 || wireOf !== BYTES) return null
      const structValue = readPlainStruct(bytes, begin, end, depth + 1)
      return structValue === null ? null : { structValue }
    }
  })
  return isPlain ? value : null
}
