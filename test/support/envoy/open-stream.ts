import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:tls'

/** A request that runs on until one of both ends it. */
export interface OpenStream {
  /** All that came so far, latin-1. */
  readonly text: () => string
  readonly write: (text: string) => void
  readonly isOver: () => boolean
  /** Reads nothing from here on, and then all that waits. */
  readonly pause: () => void
  readonly resume: () => void
  /** As a client that goes away. */
  readonly leave: () => void
}

/** Over TLS and HTTP/1.1: these very lines, and then whatever is written. With a last line that is cut short, the head has no end. */
export function openHttp1(port: number, lines: readonly string[], cutShort: string | null = null): OpenStream {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  let text = ''
  let isOver = false
  socket.setEncoding('latin1')
  socket.on('data', data => {
    text += data
  })
  socket.on('error', () => socket.destroy())
  // A half-closed tunnel is over for whoever listens.
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      isOver = true
    })
  }
  socket.once('secureConnect', () => socket.write(`${lines.join('\r\n')}\r\n${cutShort ?? '\r\n'}`, 'latin1'))
  return {
    text: () => text,
    write: more => void socket.write(more, 'latin1'),
    isOver: () => isOver,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    leave: () => void socket.destroy(),
  }
}

/** A GET over TLS and HTTP/2, on a connection of its own. */
export function openHttp2(port: number, target: string, headers: Readonly<Record<string, string>> = {}): OpenStream {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  const stream = session.request({ ':path': target, ...headers })
  let text = ''
  let isOver = false
  session.on('error', () => session.destroy())
  stream.on('response', ({ ':status': status }) => {
    text += `HTTP/2 ${status}\r\n\r\n`
  })
  stream.setEncoding('latin1')
  stream.on('data', data => {
    text += data
  })
  stream.on('error', () => stream.close())
  stream.on('close', () => {
    isOver = true
    session.destroy()
  })
  return {
    text: () => text,
    write: more => void stream.write(more),
    isOver: () => isOver,
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    leave: () => session.destroy(),
  }
}
