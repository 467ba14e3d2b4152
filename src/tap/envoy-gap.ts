import { get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../support/logger.ts'

export interface GapParts {
  /** Envoy's admin socket. */
  readonly socketPath: string
  /** Ends of requests that were heard of so far. */
  readonly ends: () => number
  readonly log: Logger
  readonly everyMs?: number
  /** Envoy has sent what ended so long ago, milliseconds. */
  readonly settleMs?: number
}

interface Base {
  /** Requests that Envoy had counted as ended. */
  readonly ended: number
  /** Ends that were heard of then, at least. */
  readonly heard: number
}

const EVERY_MS = 15_000
const SETTLE_MS = 1000
const ANSWER_MS = 2000
const STATS = `/stats?filter=${encodeURIComponent('^http\\.boundary\\.downstream_rq_(total|active)$')}`

/**
 * Compares what Envoy counts with what it told. Each request of the listener has one end in the access log, also those that
 * Envoy answers by itself; delivery is at most once. Never says too much: what is on its way counts as told.
 */
export class EnvoyGap {
  readonly #parts: GapParts
  readonly #stopping = new AbortController()
  readonly #finished: Promise<void>
  #base: Base | null = null
  /** Missing before Envoy began to count anew. */
  #before = 0
  #missing = 0

  constructor(parts: GapParts) {
    this.#parts = parts
    this.#finished = this.#run()
  }

  /** Requests that ended and were never told of, since this process began. */
  get missing(): number {
    return this.#before + this.#missing
  }

  /** There is a count to compare with. */
  get counting(): boolean {
    return this.#base !== null
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#finished
  }

  async #run(): Promise<void> {
    const { everyMs = EVERY_MS, log } = this.#parts
    let silent = false
    while (!this.#stopping.signal.aborted) {
      const told = await this.#compare().catch(() => false)
      if (!told && !silent) log.warn('Envoy does not say how many requests it had')
      silent = !told
      await this.#pause(everyMs)
    }
  }

  /** False when Envoy said nothing that could be read. */
  async #compare(): Promise<boolean> {
    const { socketPath, ends, settleMs = SETTLE_MS, log } = this.#parts
    const heardBefore = ends()
    const ended = toEnded(await ask(socketPath))
    if (ended === null) return false
    if (this.#base === null || ended < this.#base.ended) {
      if (this.#base !== null) log.warn('Envoy counts anew: it was restarted')
      this.#before = this.missing
      this.#missing = 0
      this.#base = { ended, heard: heardBefore }
      return true
    }
    await this.#pause(settleMs)
    const missing = ended - this.#base.ended - (ends() - this.#base.heard)
    if (missing > this.#missing) {
      log.warn({ requests: missing - this.#missing }, 'Envoy had requests whose outcome it never told')
      this.#missing = missing
    }
    return true
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}

/** `http.boundary.downstream_rq_total: 15`, a line a number. */
function toEnded(stats: string): number | null {
  const total = /^http\.boundary\.downstream_rq_total: (\d+)$/m.exec(stats)?.[1]
  const active = /^http\.boundary\.downstream_rq_active: (\d+)$/m.exec(stats)?.[1]
  return total === undefined || active === undefined ? null : Number(total) - Number(active)
}

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = get({ socketPath, path: STATS, timeout: ANSWER_MS }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', text => {
        body += text
      })
      response.once('end', () => resolve(body))
      response.once('error', reject)
    })
    asking.once('timeout', () => asking.destroy(new Error('no answer')))
    asking.once('error', reject)
  })
}
