import { setTimeout as pause } from 'node:timers/promises'
import type { AnotherEnvoy, Boundary } from '../../attacks/a-boundary.ts'
import type { OpenStream } from '../../support/envoy/open-stream.ts'
import { until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'
import { KINDS } from './kinds.ts'

const WITHIN_MS = 30_000
const LONGER_MS = 300_000
const PAUSE_MS = 3000
const SHORT_PAUSE_MS = 100

/** Short requests, and streams that end at once, on every worker of an Envoy. */
export class Traffic {
  readonly #boundary: Boundary
  readonly #envoy: AnotherEnvoy
  readonly #over = new AbortController()
  readonly #going: Promise<void>
  #wake = new AbortController()
  #pauseMs = PAUSE_MS
  #rounds = 0
  #mayFail = false
  #failure: unknown = null

  constructor(boundary: Boundary, envoy: AnotherEnvoy) {
    this.#boundary = boundary
    this.#envoy = envoy
    this.#going = this.#go().catch(error => {
      this.#failure = error
    })
  }

  /** Much more of it, which has begun before something ends and goes on after it. Rejects when any request failed so far. */
  async around(end: () => Promise<void>): Promise<void> {
    this.#pauseMs = SHORT_PAUSE_MS
    this.#wake.abort()
    await this.#goesOn()
    await end()
    await this.#goesOn()
    this.#wake = new AbortController()
    this.#pauseMs = PAUSE_MS
  }

  /** The same until it ends with what it asks: what becomes of the rest nobody waits for. */
  async untilGone(end: () => Promise<void>): Promise<void> {
    this.#pauseMs = SHORT_PAUSE_MS
    this.#wake.abort()
    await this.#goesOn()
    this.#mayFail = true
    await end()
    this.#over.abort()
  }

  /** Rejects when any request failed that might not. */
  async stop(): Promise<void> {
    this.#over.abort()
    this.#wake.abort()
    if (this.#mayFail) return
    await this.#going
    if (this.#failure !== null) throw this.#failure
  }

  async #goesOn(): Promise<void> {
    const upTo = this.#rounds + 2
    await until('what else runs to go on', () => this.#rounds >= upTo || this.#failure !== null, 2 * WITHIN_MS)
    if (this.#failure !== null) throw this.#failure
  }

  async #go(): Promise<void> {
    let [token, freshUntil] = ['', 0]
    while (!this.#over.signal.aborted) {
      if (Date.now() > freshUntil) {
        token = (await this.#boundary.token('everything', { expiresAt: Date.now() + LONGER_MS })).token
        freshUntil = Date.now() + LONGER_MS / 2
      }
      await this.#round(token)
      this.#rounds += 1
      await this.#rest()
    }
  }

  async #rest(): Promise<void> {
    const isWoken = this.#pauseMs === SHORT_PAUSE_MS
    await pause(this.#pauseMs, undefined, isWoken ? {} : { signal: this.#wake.signal }).catch(() => undefined)
  }

  async #round(token: string): Promise<void> {
    const { port } = this.#envoy
    const lines = ['GET /api/v1/namespaces/dev/pods HTTP/1.1', 'Host: boundary', `Authorization: Bearer ${token}`]
    const isAnswered = async () => {
      const { status, body } = await patientRequest(port, lines)
      if (status !== 200 && !TOO_BUSY.includes(status))
        throw new Error(`a request was answered with ${status}: ${body}`)
      return status === 200
    }
    await until('a short request', () => this.#mayFail || isAnswered(), WITHIN_MS)
    const [watch] = KINDS
    if (watch === undefined) throw new Error('no kind of stream')
    const open = () => watch.open(this.#envoy, watch.target(`busy-${this.#rounds}`), token)
    await until('a short watch', () => this.#mayFail || beginsAndEnds(open), WITHIN_MS)
  }
}

/** Of a machine that stood still for a second: an authorizer or a recorder was late, and a client asks again. */
const TOO_BUSY: readonly number[] = [503, 504]

/** Whether it began; a machine that stood still for a second has it refused, and a client begins it again. */
async function beginsAndEnds(open: () => OpenStream): Promise<boolean> {
  const short = open()
  await until('its beginning, or a refusal', () => short.text().includes('ADDED') || short.isOver(), WITHIN_MS)
  const [begun, text] = [short.text().includes('ADDED'), short.text()]
  short.leave()
  if (!begun && text !== '' && !TOO_BUSY.some(status => text.startsWith(`HTTP/2 ${status}`)))
    throw new Error(`a short watch was refused: ${text}`)
  return begun
}
