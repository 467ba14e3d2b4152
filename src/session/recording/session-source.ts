import type { SessionRecording } from '../recording/session-event.ts'

/** Where recordings are read from. */
export interface SessionSource {
  /** Null: nothing of this session is kept. */
  open(auditId: string): Promise<SessionRecording | null>
}
