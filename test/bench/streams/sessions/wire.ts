import { createHash } from 'node:crypto'

const MASK = Buffer.from([1, 2, 3, 4])

/** One message of a channel; of a client it is masked. */
export function toFrame(channel: number, bytes: Uint8Array, side: 'server' | 'client' = 'server'): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), bytes])
  const long = payload.length >= 65_536
  const head = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4)
  head[0] = 0x82
  head[1] = head.length === 2 ? payload.length : long ? 127 : 126
  if (head.length === 4) head.writeUInt16BE(payload.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
  if (side === 'server') return Buffer.concat([head, payload])
  head[1] |= 0x80
  return Buffer.concat([head, MASK, payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))])
}

/** Lines of a log, which compress as logs do: not at all like a line that is repeated. The same ones each time. */
export function toLog(bytes: number): Buffer {
  const lines: string[] = []
  for (let n = 0, length = 0; length < bytes; n++) {
    const id = createHash('sha256').update(String(n)).digest('hex')
    const ms = parseInt(id.slice(0, 3), 16)
    const line = `2026-11-29T10:${String(n % 60).padStart(2, '0')}:00.${ms}Z INFO  http GET /api/orders/${id.slice(0, 12)} status=200 ms=${ms} trace=${id.slice(12, 44)}\n`
    lines.push(line)
    length += line.length
  }
  return Buffer.from(lines.join('')).subarray(0, bytes)
}
