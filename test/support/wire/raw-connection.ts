import { connect, type TLSSocket } from 'node:tls'

export interface Peer {
  readonly port: number
  /** PEM. */
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

/** One request after the other over TLS and HTTP/1.1, byte for byte as given; connects again when the peer closed. */
export class RawConnection {
  readonly #peer: Peer
  #socket: TLSSocket | null = null
  #seen = ''
  #wake: () => void = () => undefined

  constructor(peer: Peer) {
    this.#peer = peer
  }

  /** Status of the answer; 0 when the peer closed without one. The rest of the answer is read and thrown away. */
  async send(lines: readonly string[]): Promise<number> {
    const socket = await this.#connected()
    socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
    const headOnly = lines[0]?.startsWith('HEAD ') ?? false
    for (;;) {
      const end = endOfAnswer(this.#seen, headOnly)
      if (end !== null) {
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#seen)?.[1] ?? 0)
        if (/^connection: close\r$/im.test(this.#seen.slice(0, end))) this.close()
        else this.#seen = this.#seen.slice(end)
        return status
      }
      if (this.#socket === null) return 0
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
    this.#seen = ''
  }

  async #connected(): Promise<TLSSocket> {
    if (this.#socket !== null) return this.#socket
    const socket = connect({ host: '127.0.0.1', ALPNProtocols: ['http/1.1'], ...this.#peer })
    socket.on('data', data => {
      this.#seen += data.toString('latin1')
      this.#wake()
    })
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null
      this.#wake()
    })
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.on('error', reject)
    })
    this.#socket = socket
    this.#seen = ''
    return socket
  }
}

/** Where the first answer ends; null while it is not whole. */
function endOfAnswer(text: string, headOnly: boolean): number | null {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return null
  const body = head + 4
  if (headOnly || /^HTTP\/1\.1 (?:1\d\d|204|304)/.test(text)) return body
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, body))?.[1]
  if (length !== undefined) return text.length >= body + Number(length) ? body + Number(length) : null
  const end = text.indexOf('0\r\n\r\n', body)
  return end === -1 ? null : end + 5
}
