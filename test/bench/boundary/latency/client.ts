import { once } from 'node:events'
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2'
import { setTimeout as pause } from 'node:timers/promises'
import { allEnded, together } from '../../decisions/check/together.ts'

/** What is asked, with the headers and the body of each. */
export interface Ask {
  readonly method: 'GET' | 'PATCH'
  readonly path: () => string
  readonly headers: Readonly<Record<string, string>>
  readonly body: () => string
}

const TICK_MS = 2

/** One HTTP/2 connection; every answer but 200 rejects. What a run resolves to is how long each took, milliseconds. */
export class Client {
  readonly #connect: () => ClientHttp2Session
  #session: ClientHttp2Session
  readonly #authorization: Readonly<Record<string, string>>

  constructor(url: string, options: SecureClientSessionOptions, token: string | null) {
    this.#connect = () => connect(url, options)
    this.#session = this.#connect()
    this.#authorization = token === null ? {} : { authorization: `Bearer ${token}` }
  }

  /** So many, with so many at once. */
  async closed(ask: Ask, count: number, atOnce: number): Promise<number[]> {
    await this.#begin()
    const waits: number[] = []
    let asked = 0
    await together(
      atOnce,
      () => asked++ < count,
      async () => {
        const from = performance.now()
        await this.#send(ask)
        waits.push(performance.now() - from)
      },
    )
    return waits
  }

  /** So many, so many a second, whether answers come or not; each since it was due. */
  async open(ask: Ask, count: number, perSecond: number): Promise<number[]> {
    await this.#begin()
    const waits: number[] = []
    const asked: Promise<void>[] = []
    const from = performance.now()
    while (asked.length < count) {
      const due = Math.min(count, Math.ceil(((performance.now() - from) / 1000) * perSecond))
      while (asked.length < due) {
        const dueAt = from + (asked.length / perSecond) * 1000
        const sent = this.#send(ask).then(() => void waits.push(performance.now() - dueAt))
        // Whether one failed is looked at when all were sent.
        sent.catch(() => undefined)
        asked.push(sent)
      }
      await pause(TICK_MS)
    }
    await allEnded(asked)
    return waits
  }

  close(): void {
    this.#session.close()
  }

  /** An API server hangs up on who was quiet for 90 seconds. The handshake is not counted. */
  async #begin(): Promise<void> {
    if (this.#session.closed || this.#session.destroyed) this.#session = this.#connect()
    if (this.#session.connecting) await once(this.#session, 'connect')
  }

  #send({ method, path: pathOf, headers, body }: Ask): Promise<void> {
    const path = pathOf()
    const text = body()
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ':method': method,
        ':path': path,
        ...headers,
        ...this.#authorization,
        ...(text === '' ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
      })
      let said = ''
      let status: number | undefined
      stream.setEncoding('utf8')
      stream.once('response', answer => {
        status = answer[':status']
      })
      stream.on('data', part => {
        said += part
      })
      stream.once('end', () => (status === 200 ? resolve() : reject(new Error(`${method} ${path}: ${status} ${said}`))))
      stream.once('error', reject)
      if (method !== 'GET') stream.end(text)
    })
  }
}
