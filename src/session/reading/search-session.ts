import { parseWindowSize } from '../recording/parse-window-size.ts'
import type { SessionEvent } from '../recording/session-event.ts'
import { EventText, isShown } from './event-text.ts'
import { ScreenLine } from './screen-line.ts'

export interface Found {
  /** When the line was over. */
  readonly atMs: number
  readonly where: 'shown' | 'typed'
  readonly line: string
}

/** Lines, as they stood on the terminal or were typed, that hold a text; capitals or not. */
export async function* searchSession(events: AsyncIterable<SessionEvent>, text: string): AsyncIterable<Found> {
  const [wanted, texts] = [text.toLowerCase(), new EventText()]
  const found: Found[] = []
  let atMs = 0
  const linesOf = (where: Found['where']) => {
    const line = (each: string) => {
      if (each.toLowerCase().includes(wanted)) found.push({ atMs, where, line: each.trimEnd() })
    }
    return new ScreenLine({ line })
  }
  const [shown, typed] = [linesOf('shown'), linesOf('typed')]
  for await (const event of events) {
    atMs = event.atMs
    if (isShown(event.kind)) shown.write(texts.of(event))
    if (event.kind === 'resize') shown.width = parseWindowSize(texts.of(event))?.columns ?? shown.width
    // Enter ends a line; what was typed and erased again was typed.
    if (event.kind === 'input') typed.write(texts.of(event).replace(/\r\n?/g, '\n'))
    yield* found.splice(0)
  }
  shown.write('\n')
  typed.write('\n')
  yield* found
}
