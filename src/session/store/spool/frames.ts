import { contextOf, type Place, sealParts, unseal } from '../seal.ts'

const LENGTH_BYTES = 4
const NOTHING = Buffer.alloc(0)

/** What a segment file says: frames, each sealed on its own, and a last one that says there are no more. */
export interface Frames {
  /** Bytes of events, one frame after the other. */
  readonly bytes: Buffer
  readonly count: number
  /** Length of the file up to here; what follows is no whole frame. */
  readonly length: number
  readonly isClosed: boolean
}

export interface SegmentPlace {
  readonly key: Uint8Array
  readonly auditId: string
  readonly n: number
}

/** In parts, to be written one behind the other. */
export function toFrame({ key, auditId, n }: SegmentPlace, frame: number, events: Uint8Array): readonly Buffer[] {
  return withLength(sealParts(key, contextOf({ auditId, n, kind: 'frame', frame }), events))
}

/** Without it a segment is one that somebody cut. */
export function toLastFrame({ key, auditId, n }: SegmentPlace, frame: number): readonly Buffer[] {
  return withLength(sealParts(key, contextOf({ auditId, n, kind: 'last-frame', frame }), NOTHING))
}

/** As far as they can be read, one after the other. */
export function readFrames({ key, auditId, n }: SegmentPlace, file: Buffer): Frames {
  const texts: Buffer[] = []
  let at = 0
  const read = (length: number, isClosed: boolean): Frames => {
    const [only = NOTHING] = texts
    return { bytes: texts.length < 2 ? only : Buffer.concat(texts), count: texts.length, length, isClosed }
  }
  for (;;) {
    const length = file.length - at < LENGTH_BYTES ? Number.POSITIVE_INFINITY : file.readUInt32BE(at)
    const end = at + LENGTH_BYTES + length
    const sealed = file.subarray(at + LENGTH_BYTES, end)
    if (sealed.length < length) return read(at, false)
    const open = (kind: Place['kind']) => unseal(key, contextOf({ auditId, kind, n, frame: texts.length }), sealed)
    const text = open('frame')
    if (text === null) return open('last-frame') === null ? read(at, false) : read(end, true)
    texts.push(text)
    at = end
  }
}

function withLength(sealed: readonly Buffer[]): readonly Buffer[] {
  const length = Buffer.allocUnsafe(LENGTH_BYTES)
  length.writeUInt32BE(lengthOf(sealed))
  return [length, ...sealed]
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
