import type { Side } from '../tunnel/tunnel.ts'
import type { RecorderCut } from './recorder-cut.ts'

/** An exec or attach that was allowed, before it reaches the API server. */
export interface SessionRequest {
  readonly auditId: string
  /** Id of the lease. */
  readonly lease: string
  /** Path and query. */
  readonly target: string
  readonly upgrade: 'websocket' | 'spdy'
  /** What the client offers, in its order. */
  readonly protocols: readonly string[]
}

/** One session, as the wire tells of it. Nothing is passed on before a promise here has resolved; a reason ends the session. */
export interface SessionHandler {
  /** Resolves when the session may reach the API server. */
  readonly opened: Promise<RecorderCut | null>
  /** The API server has agreed; null: it has not, and there is no tunnel. '' where it named no protocol. */
  upgraded(protocol: string | null): RecorderCut | null
  /** Resolves when they are kept; answers come in the order of calls. Bytes go on in the place of these. */
  bytes(from: Side, bytes: Uint8Array): Promise<RecorderCut | null | Uint8Array>
  /** There is no more to come. */
  over(): void
}

/** `cut` ends the session at once; harmless when it has ended already. */
export type OnSession = (request: SessionRequest, cut: (reason: RecorderCut) => void) => SessionHandler
