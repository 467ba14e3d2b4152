import { maskText, mayBeMasked } from '../../../record/mask/mask-text.ts'
import type { SessionEventKind } from '../../recording/session-event.ts'
import type { EventList } from '../event-list.ts'
import type { InputPolicy } from './input-policy.ts'

const MAX_LINE_BYTES = 4096
const MAX_HELD_MS = 2000
const NEWLINE = 0x0a

/** Without a terminal nothing echoes: of text, line by line, what looks like a credential is masked. Whatever is no text is kept as it is. */
export class MaskedText implements InputPolicy {
  #line: Uint8Array = new Uint8Array()
  #sinceMs = 0

  before(list: EventList): void {
    if (list.atMs - this.#sinceMs > MAX_HELD_MS) this.#flush(list)
  }

  put(list: EventList, kind: SessionEventKind, bytes: Uint8Array): void {
    if (kind === 'input-end') this.#flush(list)
    if (kind === 'input') this.#read(list, bytes)
    else list.add(kind, bytes)
  }

  end(list: EventList): void {
    this.#flush(list)
  }

  #read(list: EventList, bytes: Uint8Array): void {
    if (this.#line.length === 0) this.#sinceMs = list.atMs
    const held = Buffer.concat([this.#line, bytes])
    // Up to its last line end: a credential may go on in the next bytes.
    const end = held.lastIndexOf(NEWLINE) + 1
    if (end > 0) list.add('input', masked(held.subarray(0, end)))
    this.#line = held.subarray(end)
    if (this.#line.length > MAX_LINE_BYTES) this.#flush(list)
  }

  #flush(list: EventList): void {
    if (this.#line.length > 0) list.add('input', masked(this.#line))
    this.#line = new Uint8Array()
  }
}

const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function masked(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(0)) return bytes
  try {
    const text = TEXT.decode(bytes)
    return mayBeMasked(text) ? Buffer.from(text.replace(/[^\n]+/g, line => maskText(line))) : bytes
  } catch {
    return bytes
  }
}
