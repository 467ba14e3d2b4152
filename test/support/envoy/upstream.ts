import { readFile } from 'node:fs/promises'
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { CertificateFiles } from '../../../local/pki.ts'

/** One request as it came over the wire; `body` and `isOver` go on changing while it runs. */
export interface Seen {
  readonly protocol: 'h2' | 'http/1.1'
  /** Common name of the certificate that the peer showed; empty where it showed none. */
  readonly shownBy: string
  readonly method: string
  readonly target: string
  /** Lines in their order, names as they came, values byte for byte (latin-1), without pseudo headers. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
  trailers: readonly string[]
  isOver: boolean
}

const TICK_MS = 20

/**
 * Stands where the API server stands, and notes what reaches it. It speaks just enough HTTP not to mend anything: `?watch` and
 * `?follow` stream ticks until cut, upgrades become an echo, `?bytes=N` is answered with so many and then the end, in an upgrade too,
 * `?refuse=N` refuses so many attempts before it begins with one, `?break` breaks off what it has begun, `/silent` never answers,
 * `/refused` refuses an upgrade and waits for more, what ends in `/eviction` is put off, everything else is a short JSON.
 */
export class Upstream {
  readonly seen: Seen[] = []
  readonly #server: Server
  readonly #sockets = new Set<TLSSocket>()
  /** Below TLS, by the port of the peer. */
  readonly #raw = new Map<number | undefined, Socket>()
  readonly #watches = new Map<string, { readonly stream: ServerHttp2Stream; readonly port: number | undefined }>()
  readonly #tunnels = new Map<string, TLSSocket[]>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async start({ certificateFile, keyFile }: CertificateFiles): Promise<Upstream> {
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    const server = createServer({
      cert,
      key,
      ALPNProtocols: ['h2', 'http/1.1'],
      requestCert: true,
      rejectUnauthorized: false,
    })
    const upstream = new Upstream(server)
    server.on('connection', raw => {
      upstream.#raw.set(raw.remotePort, raw)
      raw.on('close', () => upstream.#raw.delete(raw.remotePort))
    })
    server.on('secureConnection', socket => upstream.#accept(socket))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return upstream
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** The one request with this target; throws when there were none or several. */
  only(target: string): Seen {
    const found = this.seen.filter(each => each.target === target)
    const [one] = found
    if (one === undefined || found.length > 1)
      throw new Error(`${found.length} requests reached the upstream for ${target}`)
    return one
  }

  /** Writes into a tunnel, and then ends its connection, after a farewell in the tunnel's protocol or without a word. */
  end(target: string, farewell: Buffer = Buffer.alloc(0)): void {
    for (const socket of this.#tunnels.get(target) ?? []) socket.end(farewell)
  }

  write(target: string, data: Buffer): void {
    for (const socket of this.#tunnels.get(target) ?? []) socket.write(data)
  }

  /** Ends a watch over HTTP/2: in good order, with an error of HTTP/2, or by losing the connection. */
  endWatch(target: string, how: 'end' | 'reset the stream' | 'reset the connection'): void {
    const watch = this.#watches.get(target)
    if (how === 'end') watch?.stream.end()
    else if (how === 'reset the stream') watch?.stream.destroy(new Error('broken off'))
    else this.#raw.get(watch?.port)?.resetAndDestroy()
  }

  /** As the kernel does for a process that is killed: half of what it has said may be missing. */
  reset(target: string): void {
    for (const { remotePort } of this.#tunnels.get(target) ?? []) this.#raw.get(remotePort)?.resetAndDestroy()
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise(resolve => this.#server.close(() => resolve()))
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (socket.alpnProtocol === 'h2') this.#serveHttp2(socket)
    else this.#serveHttp1(socket)
  }

  #serveHttp2(socket: TLSSocket): void {
    const session = performServerHandshake(socket)
    session.on('error', () => socket.destroy())
    session.on('stream', (stream: ServerHttp2Stream, { ':method': method, ':path': target }, _flags, raw: string[]) => {
      const headers = pairs(raw).filter(([name]) => !name.startsWith(':'))
      this.#watches.set(target ?? '', { stream, port: socket.remotePort })
      const seen = this.#note(socket, { protocol: 'h2', method: method ?? '', target: target ?? '', headers })
      stream.on('data', (data: Buffer) => {
        seen.body = Buffer.concat([seen.body, data])
      })
      stream.on('trailers', (_trailers, _trailerFlags, rawTrailers: string[] = []) => {
        seen.trailers = rawTrailers
      })
      stream.on('error', () => stream.close())
      stream.on('close', () => over(seen))
      const attempts = this.seen.filter(each => each.target === seen.target).length
      stream.on('end', () => {
        if (!isRefused(stream, seen, attempts)) answerHttp2(stream, seen)
      })
    })
  }

  #serveHttp1(socket: TLSSocket): void {
    let waiting = Buffer.alloc(0)
    let seen: Seen | null = null
    socket.on('close', () => seen !== null && over(seen))
    socket.on('data', data => {
      if (seen !== null) {
        seen.body = Buffer.concat([seen.body, data])
        if (isTunnel(seen) && bytesOf(seen) === 0) socket.write(data)
        return
      }
      waiting = Buffer.concat([waiting, data])
      const end = waiting.indexOf('\r\n\r\n')
      if (end === -1) return
      seen = this.#note(socket, parseHead(waiting.subarray(0, end).toString('latin1')))
      seen.body = waiting.subarray(end + 4)
      this.#tunnels.set(seen.target, [...(this.#tunnels.get(seen.target) ?? []), socket])
      answerHttp1(socket, seen)
    })
  }

  #note(socket: TLSSocket, given: Pick<Seen, 'protocol' | 'method' | 'target' | 'headers'>): Seen {
    const shownBy = String(socket.getPeerCertificate().subject?.CN ?? '')
    const seen = { ...given, shownBy, body: Buffer.alloc(0), trailers: [], isOver: false }
    this.seen.push(seen)
    return seen
  }
}

/** Values of one header, a line each. */
export function valuesOf({ headers }: Pick<Seen, 'headers'>, name: string): readonly string[] {
  return headers.filter(line => line[0].toLowerCase() === name.toLowerCase()).map(line => line[1])
}

function over(seen: Seen): void {
  seen.isOver = true
}

function parseHead(head: string) {
  const [line = '', ...lines] = head.split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  const headers = lines.map((each): [string, string] => {
    const cut = each.indexOf(':')
    return [each.slice(0, cut), each.slice(cut + 1).trim()]
  })
  return { protocol: 'http/1.1' as const, method, target, headers }
}

function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''])
}

function isUpgrade(seen: Seen): boolean {
  return valuesOf(seen, 'upgrade').length > 0
}

function isTunnel(seen: Seen): boolean {
  return isUpgrade(seen) && !seen.target.startsWith('/refused')
}

function isStream({ target }: Seen): boolean {
  return /[?&](watch|follow)(=(?!0|false)|&|$)/.test(target)
}

/** How much is asked for; 0 for everything else. */
function bytesOf({ target }: Seen): number {
  return Number(/[?&]bytes=(\d+)/.exec(target)?.[1] ?? 0)
}

/** As a server that has done nothing of it yet, and says so; or, broken off, as one that may have. */
function isRefused(stream: ServerHttp2Stream, { target }: Seen, attempts: number): boolean {
  const broken = /[?&]break=(\d+)/.exec(target)?.[1]
  if (broken !== undefined) stream.close(Number(broken))
  else if (attempts <= Number(/[?&]refuse=(\d+)/.exec(target)?.[1] ?? 0)) stream.close(constants.NGHTTP2_REFUSED_STREAM)
  else return false
  return true
}

export const LAST = 'and no more'

/** By its last bytes one sees that the end came, as the status of an exec does. */
function large(bytes: number): Buffer {
  const all = Buffer.alloc(bytes, 'x')
  all.write(LAST, bytes - LAST.length)
  return all
}

function answerHttp2(stream: ServerHttp2Stream, seen: Seen): void {
  if (stream.destroyed || seen.target.startsWith('/silent')) return
  const bytes = bytesOf(seen)
  if (bytes > 0) {
    stream.respond({ ':status': 200, ...(seen.target.includes('sized') ? { 'content-length': bytes } : {}) })
    return void stream.end(large(bytes))
  }
  stream.respond({ ':status': seen.target.endsWith('/eviction') ? 429 : 200, 'content-type': 'application/json' })
  if (!isStream(seen)) return void stream.end('{"kind":"Fine"}')
  const ticking = setInterval(() => stream.write('tick\n'), TICK_MS)
  stream.on('close', () => clearInterval(ticking))
}

function answerHttp1(socket: TLSSocket, seen: Seen): void {
  if (seen.target.startsWith('/silent')) return
  if (seen.target.endsWith('?reset')) return void socket.destroy()
  if (seen.target.startsWith('/refused'))
    return void socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  if (isUpgrade(seen)) {
    const [protocol] = valuesOf(seen, 'upgrade')
    const spoken = valuesOf(seen, 'sec-websocket-protocol').map(name => `Sec-WebSocket-Protocol: ${name}\r\n`)
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${spoken.join('')}\r\n`,
    )
    if (bytesOf(seen) > 0) return void socket.end(large(bytesOf(seen)))
    if (seen.body.length > 0) socket.write(seen.body)
    return
  }
  const status = seen.target.endsWith('/eviction') ? '429 Too Many Requests' : '200 OK'
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"kind":"Fine"}`)
}
