import type { SessionEvent, SessionEventKind } from '../../../src/session/recording/session-event.ts'
import type { TunnelDecoder } from '../../../src/session/tunnel/decoder.ts'
import type { Side } from '../../../src/session/tunnel/tunnel.ts'

export interface Chunk {
  readonly from: Side
  readonly bytes: Uint8Array
}

/** All events of the chunks; throws where something is unreadable. */
export function decodeAll(decoder: TunnelDecoder, chunks: readonly Chunk[]): readonly SessionEvent[] {
  return chunks.flatMap(({ from, bytes }, index) => {
    const events = decoder.push(from, bytes, index)
    if ('why' in events) throw new Error(`unreadable: ${events.why}`)
    return [...events]
  })
}

/** Neighbours of a kind as one, without times: what does not depend on how the bytes were cut. */
export function said(events: readonly SessionEvent[]): readonly string[] {
  const lines: { kind: SessionEventKind; text: string; hidden: number }[] = []
  for (const { kind, bytes, hidden = 0 } of events) {
    const last = lines.at(-1)
    const text = Buffer.from(bytes).toString('latin1')
    if (last?.kind === kind && kind !== 'resize') {
      last.text += text
      last.hidden += hidden
    } else lines.push({ kind, text, hidden })
  }
  return lines.map(({ kind, text, hidden }) => `${kind} ${hidden > 0 ? hidden : JSON.stringify(text)}`)
}

export function ofKind(events: readonly SessionEvent[], kind: SessionEventKind): Buffer {
  return Buffer.concat(events.filter(event => event.kind === kind).map(({ bytes }) => bytes))
}

/** The same, a byte at a time. */
export function inBytes(chunks: readonly Chunk[]): readonly Chunk[] {
  return chunks.flatMap(({ from, bytes }) => [...bytes].map(byte => ({ from, bytes: Uint8Array.of(byte) })))
}
