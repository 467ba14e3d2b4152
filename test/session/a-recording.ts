import type { SessionEvent, SessionEventKind, SessionRecording } from '../../src/session/recording/session-event.ts'

type Line = readonly [atMs: number, kind: SessionEventKind, text: string | Uint8Array, hidden?: number]

export function eventsOf(lines: readonly Line[]): readonly SessionEvent[] {
  return lines.map(([atMs, kind, text, hidden]) => ({
    ...{ atMs, kind, bytes: Buffer.from(text as string) },
    ...(hidden === undefined ? {} : { hidden }),
  }))
}

export function recordingOf(lines: readonly Line[], tty = true): SessionRecording {
  const head = { auditId: '0195f0a2', lease: 'lse_1', startedAt: '2026-11-29T10:00:00.000Z', verb: 'exec' } as const
  return { head: { ...head, protocol: 'v5.channel.k8s.io', tty }, events: () => streamOf(eventsOf(lines)) }
}

export async function* streamOf(events: readonly SessionEvent[]): AsyncIterable<SessionEvent> {
  yield* events
}

export const EXITED_3 = JSON.stringify({
  status: 'Failure',
  message: 'command terminated with exit code 3',
  details: { causes: [{ reason: 'ExitCode', message: '3' }] },
})
