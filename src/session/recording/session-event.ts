/** What happened in an exec or attach, as the protocols of Kubernetes carry it (remotecommand v1 to v5, over WebSocket or SPDY/3.1). */
export type SessionEventKind =
  /** Standard input of the command. */
  | 'input'
  | 'output'
  | 'error-output'
  /** A window size: the client's JSON, `{"Width":80,"Height":24}`. */
  | 'resize'
  /** How the command ended: the API server's `metav1.Status` as JSON, or from old servers a text. */
  | 'status'
  /** The client has no more input. */
  | 'input-end'
  /** Input that is not kept: `bytes` is empty, `hidden` says how many there were. */
  | 'hidden-input'

export interface SessionEvent {
  /** Milliseconds since the session began; never less than that of the event before. */
  readonly atMs: number
  readonly kind: SessionEventKind
  readonly bytes: Uint8Array
  /** Of `hidden-input` alone: how many bytes were left out. */
  readonly hidden?: number
}

/** A recorded session without its streams. What it was for is in the record's row of the same audit id. */
export interface SessionHead {
  /** Of the request that began it; 1 session, 1 audit id. */
  readonly auditId: string
  /** Id of the lease. */
  readonly lease: string
  /** RFC 3339, UTC, milliseconds. */
  readonly startedAt: string
  readonly verb: 'exec' | 'attach'
  /** `v5.channel.k8s.io` and its elders; for SPDY as the client named it, `v4.channel.k8s.io`. */
  readonly protocol: string
  readonly tty: boolean
}

/** What is read of a recording, in order; reading it again begins anew. */
export interface SessionRecording {
  readonly head: SessionHead
  readonly events: () => AsyncIterable<SessionEvent>
}
