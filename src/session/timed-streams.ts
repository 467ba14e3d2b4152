import { within } from '../support/time/within.ts'
import type { CutReason, LiveStream } from './live-streams.ts'

/** As `SessionSeconds`, for streams: what each of them draws on is known there. */
export interface StreamSeconds {
  readonly take: (stream: LiveStream, part: number) => Promise<number>
  readonly giveBack: (stream: LiveStream, seconds: number) => Promise<unknown>
}

interface Settings {
  readonly seconds: StreamSeconds
  /** On a clock that only goes forward, milliseconds. */
  readonly now: () => number
  readonly everyMs: number
  /** Longest that the end of all waits for seconds to be given back. */
  readonly endMs: number
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
  /** Seconds could not be taken, or not be given back. */
  readonly onFailure: (stream: LiveStream, error: unknown) => void
}

interface Timing {
  /** What was taken for it ends then. */
  paidUntil: number
  /** How many times that was. */
  parts: number
  /** Not before that it asks for more. */
  askAt: number
  /** What it is told at the end of what it has. */
  reason: CutReason
  asking: Promise<void> | null
}

/** So long before the end of its seconds a session asks for further ones, milliseconds: a store that is restarted is back within that. */
const AHEAD_MS = 5000
/** And so long after it got none: another session may have given some back, or the store be back. */
const AGAIN_MS = 1000

/**
 * Takes the seconds of sessions before they are used, a slice at a time, and cuts a session at the end of what it has: when nothing is
 * left, and when the store does not say. They count from when the stream is known here, which is before it goes on to the API server.
 */
export class TimedStreams {
  readonly #settings: Settings
  readonly #timings = new Map<LiveStream, Timing>()
  readonly #ends = new Set<Promise<void>>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Streams whose seconds nobody counts are none of its business. */
  open(stream: LiveStream): void {
    const { seconds } = stream
    if (seconds === undefined) return
    const paidUntil = this.#settings.now() + seconds * 1000
    this.#timings.set(stream, { paidUntil, parts: 1, askAt: 0, reason: 'session_unpaid', asking: null })
  }

  close(stream: LiveStream): void {
    const timing = this.#timings.get(stream)
    if (timing !== undefined) this.#end(stream, timing)
  }

  /** Until aborted, and what had ended by then has given back what it did not use. */
  async run(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setInterval(() => this.#look(), this.#settings.everyMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (!signal.aborted) await promise
    clearInterval(timer)
    await within(this.#settings.endMs, Promise.all(this.#ends)).catch(() => undefined)
  }

  #look(): void {
    const { now, everyMs, onCut } = this.#settings
    const at = now()
    for (const [stream, timing] of [...this.#timings]) {
      const { paidUntil, reason } = timing
      // Rather a look too early than one too late, and without waiting for anybody.
      if (at + everyMs >= paidUntil) {
        stream.cut(reason)
        onCut(stream, reason)
        this.#end(stream, timing)
      } else if (timing.asking === null && at >= Math.max(paidUntil - AHEAD_MS, timing.askAt)) {
        timing.asking = this.#ask(stream, timing)
      }
    }
  }

  async #ask(stream: LiveStream, timing: Timing): Promise<void> {
    const { seconds, now, onFailure } = this.#settings
    try {
      // The same part again where its answer was lost: that is taken once.
      const taken = await seconds.take(stream, timing.parts)
      timing.reason = taken === 0 ? 'session_spent' : 'session_unpaid'
      timing.paidUntil += taken * 1000
      if (taken > 0) timing.parts += 1
      else timing.askAt = now() + AGAIN_MS
    } catch (error) {
      timing.reason = 'session_unpaid'
      timing.askAt = now() + AGAIN_MS
      onFailure(stream, error)
    } finally {
      timing.asking = null
    }
  }

  #end(stream: LiveStream, timing: Timing): void {
    const end = this.#giveBack(stream, timing).finally(() => this.#ends.delete(end))
    this.#ends.add(end)
  }

  /** What it had for longer, in whole seconds; of what may have been taken and is not known here, nothing. */
  async #giveBack(stream: LiveStream, timing: Timing): Promise<void> {
    const { seconds, now, onFailure } = this.#settings
    const endedAt = now()
    this.#timings.delete(stream)
    await timing.asking
    const unused = Math.floor((timing.paidUntil - endedAt) / 1000)
    if (unused < 1) return
    try {
      await seconds.giveBack(stream, unused)
    } catch (error) {
      onFailure(stream, error)
    }
  }
}
