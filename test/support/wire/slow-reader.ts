import { connect as connectHttp2 } from 'node:http2'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'node:tls'

export interface SlowlyRead {
  readonly bytes: number
  /** The last that came. */
  readonly tail: string
}

export interface Pace {
  /** So much is read at once. */
  readonly bytes: number
  /** Then nothing for so long. */
  readonly pauseMs: number
}

/** Reads as a pipe does whose other end is slow, until the peer ends it. */
async function readSlowly(readable: Readable, { bytes, pauseMs }: Pace): Promise<SlowlyRead> {
  let [total, since, tail] = [0, 0, '']
  try {
    for await (const chunk of readable as AsyncIterable<Buffer>) {
      total += chunk.length
      since += chunk.length
      tail = (tail + chunk.toString('latin1')).slice(-64)
      if (since < bytes) continue
      since = 0
      await pause(pauseMs)
    }
  } catch {
    // A reset is an end as well: what came by then is what counts.
  }
  return { bytes: total, tail }
}

/** Over TLS and HTTP/1.1, these very lines. */
export async function slowHttp1(port: number, lines: readonly string[], pace: Pace): Promise<SlowlyRead> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  socket.once('secureConnect', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
  const read = await readSlowly(socket, pace)
  socket.destroy()
  return read
}

export async function slowHttp2(port: number, target: string, pace: Pace): Promise<SlowlyRead> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  session.on('error', () => session.destroy())
  const read = await readSlowly(session.request({ ':path': target }), pace)
  session.destroy()
  return read
}
