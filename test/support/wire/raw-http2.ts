import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, windowUpdate: 8, continuation: 9 } as const
export const FLAG = { none: 0, endStream: 1, endHeaders: 4 } as const

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** One connection that speaks HTTP/2 frame by frame: no library that would keep to the rules. */
export interface RawHttp2 {
  readonly send: (type: number, flags: number, stream: number, payload?: Buffer) => void
  readonly isClosed: () => boolean
  readonly leave: () => void
}

export async function rawHttp2(port: number): Promise<RawHttp2> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  let closed = false
  socket.on('error', () => socket.destroy())
  socket.on('data', () => undefined)
  socket.on('close', () => {
    closed = true
  })
  await once(socket, 'secureConnect')
  socket.write(PREFACE)
  socket.write(frame(FRAME.settings, FLAG.none, 0))
  return {
    send: (type, flags, stream, payload = Buffer.alloc(0)) => void socket.write(frame(type, flags, stream, payload)),
    isClosed: () => closed,
    leave: () => void socket.destroy(),
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HPACK without tables: every field a literal that is never indexed. Names and values of up to 126 bytes. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0x10]), text(name), text(value)])))
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length > 126) throw new Error('too long for this small encoder')
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

export function getBlock(path: string): Buffer {
  return headerBlock([
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'boundary'],
    [':path', path],
  ])
}

const TABLE_FIELD_BYTES = 3900
/** The newest entry of the dynamic table, behind 61 static ones. */
const NEWEST = 0x80 | 62

/**
 * A head of about so many KiB: once written out, with a field that fits into the table, and for every later stream of the connection in
 * a hundred bytes that name it again and again.
 */
export function shortForLong(path: string, kib: number): { readonly first: Buffer; readonly again: Buffer } {
  const times = Math.floor((kib * 1024) / TABLE_FIELD_BYTES)
  const field = [
    Buffer.from([0x40, 1]),
    Buffer.from('x'),
    longLength(TABLE_FIELD_BYTES),
    Buffer.alloc(TABLE_FIELD_BYTES, 'a'),
  ]
  return {
    first: Buffer.concat([getBlock(path), ...field, Buffer.alloc(times - 1, NEWEST)]),
    again: Buffer.concat([getBlock(path), Buffer.alloc(times, NEWEST)]),
  }
}

/** RFC 7541, 5.1, for what does not fit into seven bits. */
function longLength(bytes: number): Buffer {
  const rest = bytes - 127
  return Buffer.from([127, (rest & 127) | 128, rest >> 7])
}
