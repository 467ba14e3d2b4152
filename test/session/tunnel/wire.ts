import { constants, deflateSync } from 'node:zlib'
import { DICTIONARY } from '../../../src/session/tunnel/spdy/dictionary.ts'

/** Frames as they should be, and as they should not. */

interface Odd {
  readonly opcode?: number
  readonly last?: boolean
  readonly reserved?: number
  readonly mask?: readonly number[] | null
  /** 126 or 127: longer than is needed. */
  readonly form?: number
  readonly announced?: number
}

const MASK = [1, 2, 3, 4]

/** A frame of a client, unless `mask` is null. */
export function frame(payload: Uint8Array, odd: Odd = {}): Buffer {
  const { opcode = 2, last = true, reserved = 0, mask = MASK, announced = payload.length } = odd
  const form = odd.form ?? (announced < 126 ? announced : announced < 65_536 ? 126 : 127)
  const long = Buffer.alloc(form === 126 ? 2 : form === 127 ? 8 : 0)
  if (form === 126) long.writeUInt16BE(announced)
  if (form === 127) long.writeBigUInt64BE(BigInt(announced))
  const head = Buffer.from([(last ? 0x80 : 0) | (reserved << 4) | opcode, (mask === null ? 0 : 0x80) | form])
  const carried = mask === null ? payload : payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))
  return Buffer.concat([head, long, Buffer.from(mask ?? []), carried])
}

export function typed(text: string, odd: Odd = {}): Buffer {
  return frame(Buffer.from(`\0${text}`), odd)
}

/** Of the server. */
export function onChannel(channel: number, text: string, odd: Odd = {}): Buffer {
  return frame(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]), { mask: null, ...odd })
}

export function control(
  type: number,
  payload: Uint8Array,
  { flags = 0, version = 3, length = payload.length } = {},
): Buffer {
  return Buffer.concat([Buffer.from([0x80, version, 0, type]), flagged(flags, length), payload])
}

export function data(stream: number, text: string, { flags = 0, length = Buffer.byteLength(text) } = {}): Buffer {
  return Buffer.concat([uint32(stream), flagged(flags, length), Buffer.from(text)])
}

export type HeaderLines = readonly (readonly [string, string])[]

/** Header blocks of one direction: each goes on where the one before ended. They are stored, not compressed, so they need not be known. */
export class Blocks {
  #sent = 0

  next(lines: HeaderLines, behind: Buffer = Buffer.alloc(0)): Buffer {
    const texts = lines.flat()
    const parts = texts.flatMap(text => [uint32(Buffer.byteLength(text)), Buffer.from(text)])
    return this.raw(Buffer.concat([uint32(lines.length), ...parts, behind]))
  }

  raw(block: Buffer, level = 0): Buffer {
    const one = deflateSync(block, { dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH, level })
    this.#sent += 1
    // zlib's head of two bytes, and four of its dictionary, come once.
    return this.#sent === 1 ? one : one.subarray(6)
  }
}

export function synStream(id: number, block: Uint8Array, { flags = 0, parent = 0 } = {}): Buffer {
  return control(1, Buffer.concat([uint32(id), uint32(parent), Buffer.from([0, 0]), block]), { flags })
}

export function synReply(id: number, block: Uint8Array, { flags = 0 } = {}): Buffer {
  return control(2, Buffer.concat([uint32(id), block]), { flags })
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function flagged(flags: number, length: number): Buffer {
  return Buffer.concat([Buffer.from([flags]), uint32(length).subarray(1)])
}
