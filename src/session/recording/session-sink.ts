import type { SessionEvent, SessionHead } from './session-event.ts'

/** Where sessions are kept. */
export interface SessionSink {
  open(head: SessionHead): Promise<OpenSession>
}

export interface OpenSession {
  /** Resolves when it survives a kill -9. */
  append(events: readonly SessionEvent[]): Promise<void>
  end(end: { at: string; why: string }): Promise<void>
}
