import { BYTES, VARINT } from './fields.ts'

/*
 * Protobuf as text: each letter is a byte (latin-1), so that the pieces of a message are put together as text is, and what stays the
 * same is made once.
 */

const BEYOND_ASCII = /[\x80-\uffff]/
const DOUBLE = new Float64Array(1)
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer)

/** A field that is a message or text in UTF-8, both as bytes. */
export function bytesField(field: number, content: string): string {
  return varint((field << 3) | BYTES) + varint(content.length) + content
}

/** A field that is text. */
export function textField(field: number, text: string): string {
  return bytesField(field, BEYOND_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text)
}

/** Numbers of at least 0, and less than 2^31. */
export function numberField(field: number, value: number): string {
  return varint((field << 3) | VARINT) + varint(value)
}

/** A double. */
export function doubleField(field: number, value: number): string {
  DOUBLE[0] = value
  return varint((field << 3) | 1) + String.fromCharCode(...DOUBLE_BYTES)
}

function varint(value: number): string {
  let rest = value
  let bytes = ''
  for (; rest > 0x7f; rest >>>= 7) bytes += String.fromCharCode((rest & 0x7f) | 0x80)
  return bytes + String.fromCharCode(rest)
}
