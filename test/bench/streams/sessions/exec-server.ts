/**
 * The API server of the benchmark: speaks exec over WebSocket (v5.channel.k8s.io), as a process of its own whose CPU is its own.
 * node exec-server.ts PORT CERTIFICATE KEY
 *
 * `?show=BYTES` shows so much and ends, `?take` reads standard input to its end and tells how much there was.
 */
import { readFileSync } from 'node:fs'
import { createServer, type TLSSocket } from 'node:tls'
import { toFrame, toLog } from './wire.ts'

const [port = '', certificate = '', key = ''] = process.argv.slice(2)
const [STDIN, STDOUT, STATUS, CLOSE] = [0, 1, 3, 255]
/** What a kubelet reads of a command at once. */
const PIECE = 32 * 1024
const LOG = toLog(8 * 2 ** 20)
const FRAMES = Array.from({ length: LOG.length / PIECE }, (_, n) =>
  toFrame(STDOUT, LOG.subarray(n * PIECE, (n + 1) * PIECE)),
)
const GOOD = Buffer.from('{"metadata":{},"status":"Success"}')

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key), ALPNProtocols: ['http/1.1'] })
server.on('secureConnection', socket => {
  socket.on('error', () => socket.destroy())
  socket.once('data', head => {
    const target = head.toString('latin1').split(' ', 2)[1] ?? ''
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n',
    )
    const bytes = /[?&]show=(\d+)/.exec(target)?.[1]
    if (bytes === undefined) take(socket)
    else show(socket, Number(bytes))
  })
})
server.listen(Number(port), '127.0.0.1')

function show(socket: TLSSocket, bytes: number): void {
  let left = bytes
  let n = 0
  socket.resume()
  const more = (): void => {
    while (left > 0) {
      const whole = FRAMES[n++ % FRAMES.length] ?? Buffer.alloc(0)
      const frame = left >= PIECE ? whole : toFrame(STDOUT, LOG.subarray(0, left))
      left -= PIECE
      if (!socket.write(frame)) return void socket.once('drain', more)
    }
    end(socket)
  }
  more()
}

/** Counts what comes on standard input, frame by frame. */
function take(socket: TLSSocket): void {
  let waiting: Buffer = Buffer.alloc(0)
  let bytes = 0
  socket.on('data', (data: Buffer) => {
    waiting = waiting.length === 0 ? data : Buffer.concat([waiting, data])
    for (;;) {
      const read = readMasked(waiting)
      if (read === null) return
      waiting = waiting.subarray(read.length)
      if (read.channel === STDIN) bytes += read.bytes
      if (read.channel === CLOSE) {
        socket.write(toFrame(STDOUT, Buffer.from(String(bytes))))
        return end(socket)
      }
    }
  })
}

function readMasked(data: Buffer) {
  if (data.length < 2) return null
  const short = (data[1] ?? 0) & 0x7f
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (data.length < head + 5) return null
  const size = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2))
  if (data.length < head + 4 + size) return null
  const channel = (data[head] ?? 0) ^ (data[head + 4] ?? 0)
  return { length: head + 4 + size, channel, bytes: size - 1 }
}

function end(socket: TLSSocket): void {
  socket.write(toFrame(STATUS, GOOD))
  socket.end(Buffer.from([0x88, 2, 3, 0xe8]))
}
