import type { SessionEvent } from '../recording/session-event.ts'
import { isShown } from './event-text.ts'

export interface Summary {
  readonly lastMs: number
  /** Bytes of what the command wrote, of what was typed, of what was typed and not kept. */
  readonly shown: number
  readonly typed: number
  readonly hidden: number
  /** As the server sent it. */
  readonly status: string
}

export async function summarise(events: AsyncIterable<SessionEvent>): Promise<Summary> {
  let summary: Summary = { lastMs: 0, shown: 0, typed: 0, hidden: 0, status: '' }
  for await (const { atMs, kind, bytes, hidden = 0 } of events) {
    const { length } = bytes
    summary = {
      lastMs: atMs,
      shown: summary.shown + (isShown(kind) ? length : 0),
      typed: summary.typed + (kind === 'input' ? length : 0),
      hidden: summary.hidden + hidden,
      status: kind === 'status' ? summary.status + Buffer.from(bytes).toString('utf8') : summary.status,
    }
  }
  return summary
}
