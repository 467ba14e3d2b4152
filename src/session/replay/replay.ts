import { EventText, isShown } from '../reading/event-text.ts'
import { type Ending, parseEnding } from '../reading/parse-ending.ts'
import type { SessionRecording } from '../recording/session-event.ts'
import { TerminalFilter } from './terminal-filter.ts'

export interface Replay {
  readonly speed: number
  /** A pause is no longer than this; null: as long as it was. */
  readonly idleMs: number | null
  /** What was before is shown at once. */
  readonly fromMs: number
  readonly write: (text: string) => void
  /** Resolves early when it is stopped. */
  readonly wait: (ms: number) => Promise<void>
  readonly stopping: AbortSignal
}

export interface Replayed {
  /** Null: the recording does not say. */
  readonly ending: Ending | null
  readonly leftOut: number
  readonly lastMs: number
}

/** Shows a recording as it was shown. The terminal is left as it should be, also where the recording stops in the middle or cannot be read. */
export async function replay({ events }: SessionRecording, options: Replay): Promise<Replayed> {
  const { speed, idleMs, fromMs, write, wait, stopping } = options
  const [text, filter] = [new EventText(), new TerminalFilter()]
  let [lastMs, status] = [0, '']
  try {
    for await (const event of events()) {
      const pauseMs = event.atMs - Math.max(lastMs, fromMs)
      if (pauseMs > 0) await wait(Math.min(pauseMs, idleMs ?? pauseMs) / speed)
      if (stopping.aborted) break
      lastMs = event.atMs
      if (isShown(event.kind)) write(filter.filter(text.of(event)))
      if (event.kind === 'status') status += text.of(event)
    }
  } finally {
    write(filter.end())
  }
  return { ending: parseEnding(status), leftOut: filter.leftOut, lastMs }
}
