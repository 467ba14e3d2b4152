import type { SessionEvent, SessionEventKind } from '../recording/session-event.ts'

/** The position is the number in the bytes: what was written stays readable, so new kinds go to the end. */
const KINDS = [
  'input',
  'output',
  'error-output',
  'resize',
  'status',
  'input-end',
  'hidden-input',
] as const satisfies readonly SessionEventKind[]

/** Kind, then time, hidden and length as 48-bit numbers each. */
const HEADER_BYTES = 1 + 3 * 6

/** Groups of events whose bytes come to about so many, in order. */
export function inPieces(events: readonly SessionEvent[], bytes: number): readonly (readonly SessionEvent[])[] {
  const pieces: SessionEvent[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const event of events) {
    if (size >= bytes) {
      pieces.push([])
      size = 0
    }
    pieces.at(-1)?.push(event)
    size += HEADER_BYTES + event.bytes.length
  }
  return pieces
}

/** How many bytes `toBytes` makes of them. */
export function sizeOf(events: readonly SessionEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + HEADER_BYTES + bytes.length, 0)
}

/** Events one after the other: a header each, and what it carried. Within `room`, where they fit. */
export function toBytes(events: readonly SessionEvent[], room?: Buffer): Buffer {
  const size = sizeOf(events)
  const into = room === undefined || room.length < size ? Buffer.allocUnsafe(size) : room.subarray(0, size)
  let at = 0
  for (const { atMs, kind, bytes, hidden } of events) {
    at = into.writeUInt8(KINDS.indexOf(kind), at)
    at = into.writeUIntBE(Math.max(0, Math.trunc(atMs)), at, 6)
    at = into.writeUIntBE(hidden ?? 0, at, 6)
    at = into.writeUIntBE(bytes.length, at, 6)
    into.set(bytes, at)
    at += bytes.length
  }
  return into
}

/** Null for what are not whole events. */
export function fromBytes(from: Buffer): readonly SessionEvent[] | null {
  const events: SessionEvent[] = []
  for (let at = 0; at < from.length; ) {
    if (from.length - at < HEADER_BYTES) return null
    const kind = KINDS[from.readUInt8(at)]
    const [atMs, hidden, length] = [1, 7, 13].map(offset => from.readUIntBE(at + offset, 6)) as [number, number, number]
    at += HEADER_BYTES
    if (kind === undefined || from.length - at < length) return null
    const bytes = from.subarray(at, at + length)
    events.push(kind === 'hidden-input' ? { atMs, kind, bytes, hidden } : { atMs, kind, bytes })
    at += length
  }
  return events
}
