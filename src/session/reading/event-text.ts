import { TextDecoder } from 'node:util'
import type { SessionEvent, SessionEventKind } from '../recording/session-event.ts'

/** Text of events in which a character may be split: one decoder for each stream. */
export class EventText {
  readonly #decoders = new Map<SessionEventKind, TextDecoder>()

  of({ kind, bytes }: SessionEvent): string {
    const decoder = this.#decoders.get(kind) ?? new TextDecoder('utf-8', { ignoreBOM: true })
    this.#decoders.set(kind, decoder)
    return decoder.decode(bytes, { stream: true })
  }
}

export function isShown(kind: SessionEventKind): boolean {
  return kind === 'output' || kind === 'error-output'
}
