import type { RecorderCut, SessionEnd } from '../session/recording/recorder-cut.ts'
import type { SessionHead } from '../session/recording/session-event.ts'
import type { SessionHandler, SessionRequest } from '../session/recording/session-handler.ts'
import type { OpenSession, SessionSink } from '../session/recording/session-sink.ts'
import type { OpenDecoder, TunnelDecoder } from '../session/tunnel/decoder.ts'
import type { InputRule } from '../session/tunnel/input/input-policy.ts'
import type { Addition, Side } from '../session/tunnel/tunnel.ts'
import { within } from '../support/time/within.ts'
import { Keeper, toCut } from './keeper.ts'

export interface SessionLimits {
  /** How long the sink may take with what it is given, milliseconds. */
  readonly patienceMs: number
  /** Bytes of one session that may wait to be kept. */
  readonly maxHeld: number
}

/** What went through a session, when it is over. */
export interface SessionSummary {
  readonly auditId: string
  readonly lease: string
  readonly seconds: number
  /** Bytes of the tunnel. */
  readonly fromClient: number
  readonly fromServer: number
  readonly why: SessionEnd
}

export interface SessionParts {
  readonly sink: SessionSink
  readonly openDecoder: OpenDecoder
  readonly inputs: InputRule
  readonly limits: SessionLimits
  /** Ends the session at Envoy. */
  readonly cut: (reason: RecorderCut) => void
  /** Its recording has its end, or could not be given one. */
  readonly onOver: (summary: SessionSummary, failure: unknown) => void
}

/** One exec or attach: opened in the sink before the API server hears of it, and every byte kept before it is passed on. */
export class RecordedSession implements SessionHandler {
  readonly opened: Promise<RecorderCut | null>
  readonly #request: SessionRequest
  readonly #head: SessionHead
  readonly #parts: SessionParts
  readonly #startedMs = performance.now()
  readonly #opening: Promise<OpenSession>
  readonly #bytes = { client: 0, server: 0 }
  #keeper: Keeper | null = null
  #decoder: TunnelDecoder | null = null
  #state: 'asked' | 'tunnel' | 'no-tunnel' = 'asked'
  #why: SessionEnd | null = null
  #isOver = false
  /** The API server has said how it ended. */
  #hasStatus = false

  constructor(request: SessionRequest, head: SessionHead, parts: SessionParts) {
    this.#request = request
    this.#head = head
    this.#parts = parts
    this.#opening = open(parts.sink, head)
    this.opened = within(parts.limits.patienceMs, this.#opening).then(
      session => {
        this.#keeper = new Keeper(session, parts.limits.patienceMs)
        return null
      },
      error => this.#ends(toCut(error)),
    )
  }

  upgraded(protocol: string | null): RecorderCut | null {
    if (protocol === null) {
      this.#state = 'no-tunnel'
      this.#why ??= 'not_upgraded'
      return null
    }
    this.#state = 'tunnel'
    const { openDecoder, inputs } = this.#parts
    this.#decoder = openDecoder({ upgrade: this.#request.upgrade, protocol, inputs, tty: this.#head.tty })
    return null
  }

  async bytes(from: Side, bytes: Uint8Array): Promise<RecorderCut | null | Uint8Array> {
    // Without a tunnel its bytes could be another request, behind one that was judged.
    if (this.#state === 'no-tunnel') return from === 'server' ? null : this.#ends('recorder_early_bytes')
    if (this.#decoder === null || this.#keeper === null) return this.#ends('recorder_early_bytes')
    this.#bytes[from] += bytes.length
    const read = this.#decoder.push(from, bytes, this.#now())
    const isReadable = !('kind' in read)
    const events = isReadable ? read : read.events
    if (events.some(({ kind }) => kind === 'status')) this.#hasStatus = true
    const addition = this.#decoder.addition()
    const kept = this.#keeper.keep(events, bytes.length)
    if (!isReadable) return this.#ends('recorder_unreadable')
    if (this.#keeper.held > this.#parts.limits.maxHeld) return this.#ends('recorder_full')
    const failed = await kept
    if (failed !== null) return this.#ends(failed)
    return addition === null ? null : withAddition(bytes, addition)
  }

  /** By itself, for what is not the fault of its bytes. */
  cut(reason: RecorderCut): void {
    this.#parts.cut(this.#ends(reason))
  }

  over(): void {
    if (this.#isOver) return
    this.#isOver = true
    const why = this.#why ?? (this.#hasStatus ? 'ended' : 'closed')
    const { client: fromClient, server: fromServer } = this.#bytes
    const { auditId, lease } = this.#request
    const summary: SessionSummary = { auditId, lease, seconds: this.#now() / 1000, fromClient, fromServer, why }
    const { onOver } = this.#parts
    this.#close(why).then(
      () => onOver(summary, null),
      error => onOver(summary, error),
    )
  }

  /** The first reason is the one. */
  #ends(reason: RecorderCut): RecorderCut {
    this.#why ??= reason
    return reason
  }

  async #close(why: SessionEnd): Promise<void> {
    const end = { at: new Date().toISOString(), why }
    const { patienceMs } = this.#parts.limits
    // A sink that was too late with it may still come to it.
    const session = await this.#opening
    const keeper = this.#keeper ?? new Keeper(session, patienceMs)
    void keeper.keep(this.#decoder?.end(this.#now()) ?? [], 0)
    await keeper.end(end)
  }

  #now(): number {
    return Math.round(performance.now() - this.#startedMs)
  }
}

function withAddition(piece: Uint8Array, { at, bytes }: Addition): Uint8Array {
  return Buffer.concat([piece.subarray(0, at), bytes, piece.subarray(at)])
}

/** A sink that throws has failed like any other. */
async function open(sink: SessionSink, head: SessionHead): Promise<OpenSession> {
  return sink.open(head)
}
