/** Protobuf's wire types, as far as plain messages have them; groups have no place in one. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
const FIXED32 = 5

/** What a message has, field by field; false from a field that is not as it should be ends the reading. */
export type OnField = (field: number, wire: number, from: number, to: number) => boolean

/** Of a number up to 2^28, which no length or tag here comes near, in one to four bytes: the place behind it stands in `after`. */
interface Place {
  after: number
}

const MOST_OF_A_TAG = 4
const MOST_OF_A_VARINT = 10

/**
 * Walks over the fields of the message that lies between `from` and `to`. Of a field with a length, `from` and `to` are its bytes. False
 * for anything but a plain message that ends where it says: whether that is one at all is another reader's to tell.
 */
export function walk(bytes: Uint8Array, from: number, to: number, onField: OnField): boolean {
  const place: Place = { after: from }
  while (place.after < to) {
    const tag = shortVarint(bytes, place, to)
    const wire = tag & 7
    if (tag < 8) return false
    let begin = place.after
    let end = begin
    if (wire === BYTES) {
      const length = shortVarint(bytes, place, to)
      if (length < 0) return false
      begin = place.after
      end = begin + length
    } else {
      end = endOf(bytes, wire, begin, to)
    }
    if (end < 0 || end > to || !onField(tag >>> 3, wire, begin, end)) return false
    place.after = end
  }
  return true
}

/** Negative for what is longer, or does not end. */
function shortVarint(bytes: Uint8Array, place: Place, to: number): number {
  let value = 0
  for (let at = 0; at < MOST_OF_A_TAG && place.after < to; at += 1) {
    const byte = bytes[place.after++] ?? 0
    value |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) return value
  }
  return -1
}

function endOf(bytes: Uint8Array, wire: number, from: number, to: number): number {
  switch (wire) {
    case VARINT:
      for (let at = from; at < to && at < from + MOST_OF_A_VARINT; at += 1) if ((bytes[at] ?? 0) < 0x80) return at + 1
      return -1
    case FIXED64:
      return from + 8
    case FIXED32:
      return from + 4
    default:
      return -1
  }
}
