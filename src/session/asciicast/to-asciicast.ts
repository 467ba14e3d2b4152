import { escapedJson } from '../../support/text/escaped-json.ts'
import { EventText, isShown } from '../reading/event-text.ts'
import { parseEnding } from '../reading/parse-ending.ts'
import { parseWindowSize } from '../recording/parse-window-size.ts'
import type { SessionEvent, SessionRecording } from '../recording/session-event.ts'
import { TerminalFilter } from '../replay/terminal-filter.ts'

export interface CastOptions {
  readonly title: string
  /** Whatever was shown, also what acts on a terminal. */
  readonly raw: boolean
}

const DEFAULT_SIZE = { columns: 80, rows: 24 }

/** The lines of an asciicast (version 3, https://docs.asciinema.org/manual/asciicast/v3/), each with its line end. */
export async function* toAsciicast(
  { head, events }: SessionRecording,
  { title, raw }: CastOptions,
): AsyncIterable<string> {
  const { columns, rows } = (await firstSize(events())) ?? DEFAULT_SIZE
  const timestamp = Math.floor(Date.parse(head.startedAt) / 1000)
  yield line({ version: 3, term: { cols: columns, rows }, timestamp, title, tags: ['leasegate', head.verb] })
  const [text, filter] = [new EventText(), new TerminalFilter()]
  const shown = (part: string) => (raw ? part : filter.filter(part))
  let lastMs = 0
  let status = ''
  for await (const event of events()) {
    if (event.kind === 'status') status += text.of(event)
    for (const [code, data] of toCast(event, text, shown)) {
      yield line([(event.atMs - lastMs) / 1000, code, data])
      lastMs = event.atMs
    }
  }
  const exitCode = parseEnding(status)?.exitCode ?? null
  if (exitCode !== null) yield line([0, 'x', String(exitCode)])
}

/** `o` shown, `i` typed, `r` resized, `m` a mark. */
function toCast(
  event: SessionEvent,
  text: EventText,
  shown: (part: string) => string,
): readonly (readonly [string, string])[] {
  if (isShown(event.kind)) return some('o', shown(text.of(event)))
  if (event.kind === 'input') return some('i', text.of(event))
  if (event.kind === 'hidden-input') return some('m', `${event.hidden ?? 0} bytes of input are not kept`)
  const size = event.kind === 'resize' ? parseWindowSize(text.of(event)) : null
  return size === null ? [] : some('r', `${size.columns}x${size.rows}`)
}

function some(code: string, data: string): readonly (readonly [string, string])[] {
  return data === '' ? [] : [[code, data]]
}

/** Sizes come before anything is shown, or a moment behind. */
async function firstSize(events: AsyncIterable<SessionEvent>): Promise<ReturnType<typeof parseWindowSize>> {
  let seen = 0
  for await (const { kind, bytes } of events) {
    if (kind === 'resize') return parseWindowSize(Buffer.from(bytes).toString('utf8'))
    seen += 1
    if (seen > 100) break
  }
  return null
}

function line(value: unknown): string {
  return `${escapedJson(value)}\n`
}
