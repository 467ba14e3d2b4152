import { setTimeout as wait } from 'node:timers/promises'
import type { RecorderCut } from '../session/recording/recorder-cut.ts'
import type { SessionHandler, SessionRequest } from '../session/recording/session-handler.ts'
import type { SessionSink } from '../session/recording/session-sink.ts'
import type { OpenDecoder } from '../session/tunnel/decoder.ts'
import type { InputRule } from '../session/tunnel/input/input-policy.ts'
import { RecordedSession, type SessionLimits, type SessionSummary } from './recorded-session.ts'
import { toSessionTarget } from './session-target.ts'

export interface RecorderLimits extends SessionLimits {
  /** Sessions at once. */
  readonly maxSessions: number
  /** Of one lease: nobody may take the places of all. */
  readonly maxOfLease: number
}

/** Envoy waits 1.8 s for an answer, and sends no more than its buffers hold: 256 KiB each way, and what one read brings. */
export const RECORDER_LIMITS: RecorderLimits = {
  patienceMs: 1500,
  maxHeld: 8 * 1024 * 1024,
  maxSessions: 1000,
  maxOfLease: 50,
}

export interface RecorderParts {
  readonly sink: SessionSink
  readonly openDecoder: OpenDecoder
  /** What is kept of standard input. */
  readonly inputs?: (request: SessionRequest) => InputRule
  readonly limits?: Partial<RecorderLimits>
  /** A session is over; with what was wrong, where its recording could not be ended. */
  readonly onOver?: (summary: SessionSummary, failure: unknown) => void
}

const LOOK_EVERY_MS = 20

/** The sessions that are recorded now. */
export class Recorder {
  readonly #parts: RecorderParts
  readonly #limits: RecorderLimits
  /** Until the recording of each has its end; with its lease. */
  readonly #sessions = new Map<RecordedSession, string>()
  #isLeaving = false

  constructor(parts: RecorderParts) {
    this.#parts = parts
    this.#limits = { ...RECORDER_LIMITS, ...parts.limits }
  }

  get size(): number {
    return this.#sessions.size
  }

  onSession = (request: SessionRequest, cut: (reason: RecorderCut) => void): SessionHandler => {
    const target = toSessionTarget(request.target)
    if (target === null) return refused('recorder_not_a_session')
    if (this.#isLeaving) return refused('recorder_shutdown')
    const { auditId, lease, protocols } = request
    if (!this.#hasRoomFor(lease)) return refused('recorder_busy')
    const startedAt = new Date().toISOString()
    // The API server has not chosen yet, and waits until this is kept.
    const head = { auditId, lease, startedAt, ...target, protocol: protocols.join(', ') }
    const { sink, openDecoder, inputs = () => 'kept', onOver } = this.#parts
    const session = new RecordedSession(request, head, {
      ...{ sink, openDecoder, inputs: inputs(request), limits: this.#limits, cut },
      onOver: (summary, failure) => {
        this.#sessions.delete(session)
        onOver?.(summary, failure)
      },
    })
    this.#sessions.set(session, lease)
    return session
  }

  /** Takes no new session, waits for those that run, cuts the rest, and waits a little for their last words. */
  async drain(graceMs: number, lastWordsMs = this.#limits.patienceMs): Promise<void> {
    this.#isLeaving = true
    await this.#none(graceMs)
    for (const session of this.#sessions.keys()) session.cut('recorder_shutdown')
    await this.#none(lastWordsMs)
  }

  #hasRoomFor(lease: string): boolean {
    const { maxSessions, maxOfLease } = this.#limits
    if (this.#sessions.size >= maxSessions) return false
    return [...this.#sessions.values()].filter(one => one === lease).length < maxOfLease
  }

  async #none(withinMs: number): Promise<void> {
    const late = performance.now() + withinMs
    while (this.#sessions.size > 0 && performance.now() < late) await wait(LOOK_EVERY_MS)
  }
}

function refused(reason: RecorderCut): SessionHandler {
  return {
    opened: Promise.resolve(reason),
    upgraded: () => reason,
    bytes: async () => reason,
    over: () => undefined,
  }
}
