import type { Socket } from 'node:net'
import { connect } from 'node:tls'

const PIECE = 65_536

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
  readonly ms: number
}

/**
 * Sends these very bytes over TLS (HTTP/1.1) and reads until the peer closes or the answer's declared length is there. No library in
 * between that would mend what is sent.
 */
export function rawRequest(port: number, lines: readonly string[], body: string | Buffer = ''): Promise<RawAnswer> {
  const from = performance.now()
  return new Promise((resolve, reject) => {
    // A certificate is not what is tested here.
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    let seen = Buffer.alloc(0)
    const done = () => {
      socket.destroy()
      const text = seen.toString('latin1')
      const [head = '', ...rest] = text.split('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
      resolve({ status, head, body: rest.join('\r\n\r\n'), ms: performance.now() - from })
    }
    socket.once('secureConnect', () => {
      socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
      write(socket, Buffer.from(body), () => seen.length > 0)
    })
    socket.on('data', data => {
      seen = Buffer.concat([seen, data])
      if (isWhole(seen.toString('latin1'), lines[0]?.startsWith('HEAD ') ?? false)) done()
    })
    socket.once('error', error => (seen.length > 0 ? done() : reject(error)))
    socket.once('close', done)
    socket.setTimeout(60_000, () => reject(new Error(`no answer: ${seen.toString('latin1')}`)))
  })
}

/**
 * In pieces, and looks between them for an answer: a peer that has answered closes while we still write, and a write that fails throws
 * away what was not read yet.
 */
function write(socket: Socket, bytes: Buffer, isAnswered: () => boolean): void {
  if (bytes.length === 0 || isAnswered() || socket.destroyed) return
  socket.write(bytes.subarray(0, PIECE), () => setImmediate(write, socket, bytes.subarray(PIECE), isAnswered))
}

function isWhole(text: string, headOnly: boolean): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  if (!text.includes('\r\n\r\n')) return false
  if (headOnly || /^HTTP\/1\.1 101/.test(head)) return true
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return rest.join('\r\n\r\n').length >= Number(length)
  return text.endsWith('0\r\n\r\n')
}
