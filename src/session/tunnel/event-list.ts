import type { SessionEvent, SessionEventKind } from '../recording/session-event.ts'

/** Each of them is a whole: two are not one longer one. */
const WHOLE: ReadonlySet<SessionEventKind> = new Set(['resize', 'input-end'])

interface Open {
  readonly kind: SessionEventKind
  readonly pieces: Uint8Array[]
  hidden: number
}

/**
 * What came at one moment. Neighbours of a kind become one event: a thousand frames of a byte each must not cost what a thousand events
 * do.
 */
export class EventList {
  readonly atMs: number
  readonly #all: Open[] = []

  constructor(atMs: number) {
    this.atMs = atMs
  }

  add(kind: SessionEventKind, bytes: Uint8Array): void {
    if (bytes.length > 0 || kind === 'input-end') this.#openFor(kind).pieces.push(bytes)
  }

  /** So many bytes of input were there. */
  hide(count: number): void {
    if (count > 0) this.#openFor('hidden-input').hidden += count
  }

  events(): readonly SessionEvent[] {
    return this.#all.map(({ kind, pieces, hidden }) => ({
      ...{ atMs: this.atMs, kind, bytes: joined(pieces) },
      ...(kind === 'hidden-input' ? { hidden } : {}),
    }))
  }

  #openFor(kind: SessionEventKind): Open {
    const last = this.#all.at(-1)
    if (last !== undefined && last.kind === kind && !WHOLE.has(kind)) return last
    const open: Open = { kind, pieces: [], hidden: 0 }
    this.#all.push(open)
    return open
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}
