import type { SessionEvent, SessionEventKind, SessionRecording } from '../recording/session-event.ts'

const KINDS: ReadonlyMap<string, SessionEventKind> = new Map([
  ['o', 'output'],
  ['i', 'input'],
  ['r', 'resize'],
  ['x', 'status'],
])

/** A recording from the text of an asciicast, version 2 or 3. Null: it is none. */
export function parseAsciicast(text: string): SessionRecording | null {
  const [first = '', ...rest] = text.split('\n')
  const head = parseJson(first)
  const version = isRecord(head) ? head['version'] : null
  if (!isRecord(head) || (version !== 2 && version !== 3)) return null
  const timestamp = typeof head['timestamp'] === 'number' ? head['timestamp'] : 0
  const events = toEvents(rest, version === 3)
  if (events === null) return null
  const startedAt = toIso(timestamp * 1000)
  const recorded = { auditId: '', lease: '', startedAt, verb: 'exec', protocol: '', tty: true } as const
  return {
    head: recorded,
    events: async function* () {
      yield* events
    },
  }
}

/** Times count from the event before, or from the beginning in the second version. Null: a line is no event. */
function toEvents(lines: readonly string[], relative: boolean): readonly SessionEvent[] | null {
  const events: SessionEvent[] = []
  let atMs = 0
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const parsed = parseJson(line)
    if (!Array.isArray(parsed)) return null
    const [time, code, data] = parsed as readonly unknown[]
    if (typeof time !== 'number' || typeof code !== 'string' || typeof data !== 'string') return null
    atMs = Math.max(atMs, Math.round(relative ? atMs + time * 1000 : time * 1000))
    const kind = KINDS.get(code)
    if (kind !== undefined) events.push({ atMs, kind, bytes: Buffer.from(toData(kind, data)) })
  }
  return events
}

function toData(kind: SessionEventKind, data: string): string {
  if (kind === 'resize') {
    const [columns, rows] = data.split('x').map(Number)
    return JSON.stringify({ Width: columns, Height: rows })
  }
  if (kind !== 'status') return data
  const causes = [{ reason: 'ExitCode', message: data }]
  return JSON.stringify(data === '0' ? { status: 'Success' } : { status: 'Failure', details: { causes } })
}

function toIso(epochMs: number): string {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
