import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { allEnded, together } from './together.ts'

/** Of one request in a load: what is sent, and how its answer shows that it is the right one. */
export interface Question {
  readonly frame: Buffer
  readonly isAnsweredBy: (frame: Buffer) => boolean
}

const PATH = '/envoy.service.auth.v3.Authorization/Check'
const HEADERS = { ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' }
const TICK_MS = 2

/** A client on one HTTP/2 connection, as light as can be: it shares the machine with whom it asks. */
export class Load {
  readonly #session: ClientHttp2Session
  readonly #name: string
  readonly #next: () => Question

  constructor(name: string, socket: string, next: () => Question) {
    this.#name = name
    this.#next = next
    this.#session = connect('http://authorizer', { createConnection: () => connectSocket(socket) })
  }

  /** Asks with so many at once, as soon as one is answered the next, until the time is over. How long each took, milliseconds. */
  closed(atOnce: number, ms: number): Promise<number[]> {
    const end = performance.now() + ms
    return this.#keepAsking(atOnce, () => performance.now() < end)
  }

  /** The same until so many were asked. */
  count(atOnce: number, most: number): Promise<number[]> {
    let asked = 0
    return this.#keepAsking(atOnce, () => asked++ < most)
  }

  async #keepAsking(atOnce: number, goesOn: () => boolean): Promise<number[]> {
    const waits: number[] = []
    await together(atOnce, goesOn, async () => {
      const from = performance.now()
      await this.#ask()
      waits.push(performance.now() - from)
    })
    return waits
  }

  /** Asks so many a second whether answers come or not; how long each took since it was due. */
  async open(perSecond: number, ms: number): Promise<number[]> {
    const waits: number[] = []
    const asked: Promise<void>[] = []
    const from = performance.now()
    const most = Math.round((perSecond * ms) / 1000)
    while (asked.length < most) {
      const due = Math.min(most, Math.ceil(((performance.now() - from) / 1000) * perSecond))
      while (asked.length < due) {
        const dueAt = from + (asked.length / perSecond) * 1000
        const one = this.#ask().then(() => void waits.push(performance.now() - dueAt))
        // Whether one failed is looked at when all were asked.
        one.catch(() => undefined)
        asked.push(one)
      }
      await pause(TICK_MS)
    }
    await allEnded(asked)
    return waits
  }

  close(): void {
    this.#session.close()
  }

  /** Rejects on any answer but the right one. */
  #ask(): Promise<void> {
    const { frame, isAnsweredBy } = this.#next()
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(HEADERS)
      const parts: Buffer[] = []
      let status: unknown
      stream.on('trailers', trailers => {
        status = trailers['grpc-status']
      })
      stream.on('data', (part: Buffer) => void parts.push(part))
      stream.on('end', () => {
        const answer = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
        if (status === '0' && isAnsweredBy(answer)) resolve()
        else
          reject(new Error(`${this.#name} gave a wrong answer (gRPC status ${status}): ${answer.toString('latin1')}`))
      })
      stream.on('error', reject)
      stream.end(frame)
    })
  }
}
