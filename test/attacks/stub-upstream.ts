import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { CertificateFiles } from '../../local/pki.ts'

/** What reached the upstream: nothing of it was mended. */
export interface Received {
  readonly method: string
  readonly target: string
  /** Name as it came, value; one entry a line. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly trailers: readonly string[]
  readonly body: Buffer
}

/** Stands where the API server would be, speaks HTTP/2 and HTTP/1.1 over TLS, and writes down everything it gets. */
export class StubUpstream {
  readonly received: Received[] = []
  /** Streams of watches and tunnels that are open, with their targets. */
  readonly open = new Map<Duplex | Http2ServerResponse, string>()
  readonly #server: Http2SecureServer
  readonly #sockets = new Set<Socket>()

  private constructor(server: Http2SecureServer) {
    this.#server = server
    server.on('request', (request, response) => void this.#answer(request, response))
    server.on('upgrade', (request: Http2ServerRequest, socket: Duplex) => this.#tunnel(request, socket))
    server.on('secureConnection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('sessionError', () => undefined)
  }

  static async listen({ certificateFile, keyFile }: CertificateFiles): Promise<StubUpstream> {
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    const stub = new StubUpstream(createSecureServer({ cert, key, allowHTTP1: true }))
    stub.#server.listen(0, '127.0.0.1')
    await once(stub.#server, 'listening')
    return stub
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    this.#note(request, Buffer.concat(chunks))
    response.setHeader('content-type', 'application/json')
    if (!/[?&]watch\b|follow/.test(request.url)) return void response.end('{"kind":"List","items":[]}')
    this.open.set(response, request.url)
    response.on('close', () => this.open.delete(response))
    response.write('{"type":"ADDED"}\n')
  }

  /** Answers 101, chooses the protocol that was asked for first, and then echoes. */
  #tunnel(request: Http2ServerRequest, socket: Duplex): void {
    this.#note(request, Buffer.alloc(0))
    this.open.set(socket, request.url)
    socket.on('close', () => this.open.delete(socket))
    socket.on('error', () => undefined)
    const protocol = String(request.headers.upgrade)
    const chosen = ['sec-websocket-protocol', 'x-stream-protocol-version'].flatMap(name => {
      const [first] = String(request.headers[name] ?? '').split(',')
      return first === undefined || first === '' ? [] : [`${name}: ${first}\r\n`]
    })
    const head = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n${chosen.join('')}`
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`)
    socket.on('data', data => socket.write(data))
    socket.on('end', () => socket.end())
  }

  #note(request: Http2ServerRequest, body: Buffer): void {
    const raw = request.rawHeaders
    const headers = raw.flatMap((name, at) =>
      at % 2 === 0 && !name.startsWith(':') ? [[name, raw[at + 1] ?? ''] as const] : [],
    )
    this.received.push({ method: request.method, target: request.url, headers, trailers: request.rawTrailers, body })
  }
}
