import type { SessionEventKind } from '../../recording/session-event.ts'
import type { EventList } from '../event-list.ts'
import { Escapes } from './escapes.ts'
import type { InputPolicy } from './input-policy.ts'
import { Keys } from './keys.ts'

/** What is typed is held back until it is echoed, and no longer than this. */
const MAX_HELD_BYTES = 4096
const MAX_HELD_MS = 2000

const BACKSPACE = 0x08
const SPACE = 0x20
const NEWLINES: ReadonlySet<number> = new Set([0x0d, 0x0a])
/** Ctrl-C, Ctrl-D, Ctrl-Z and Ctrl-\ begin another line, too. */
const LINE_ENDS: ReadonlySet<number> = new Set([...NEWLINES, 0x03, 0x04, 0x1a, 0x1c])

interface Typed {
  readonly byte: number
  /** A character: the terminal shows it, if it echoes. Keys that move or erase show otherwise. */
  shows: boolean
}

/**
 * Keeps what is typed once the terminal has shown it, character by character: that is on record with the output anyway. From the first
 * character that did not come back the line is left out, up to its end: a password is typed while the terminal does not echo.
 */
export class EchoedInput implements InputPolicy {
  readonly #typing = new Keys()
  readonly #showing = new Escapes()
  #held: Typed[] = []
  /** In what is held: the first character that was not shown yet. */
  #awaited = 0
  /** From there on. */
  #lineEnds = 0
  #sinceMs = 0
  /** Until the line ends. */
  #hiding = false
  #before = 0

  before(list: EventList): void {
    if (this.#held.length > 0 && list.atMs - this.#sinceMs > MAX_HELD_MS) this.#hideAll(list)
  }

  put(list: EventList, kind: SessionEventKind, bytes: Uint8Array): void {
    if (kind === 'input') {
      for (const byte of bytes) this.#typed(list, byte)
      return
    }
    if (kind === 'output') this.#show(list, bytes)
    if (kind === 'input-end') this.#hideAll(list)
    list.add(kind, bytes)
  }

  end(list: EventList): void {
    this.#hideAll(list)
  }

  #typed(list: EventList, byte: number): void {
    const key = this.#typing.key(byte)
    if (this.#hiding) {
      list.hide(1)
      this.#hiding = !LINE_ENDS.has(byte)
      return
    }
    if (this.#held.length === 0) this.#sinceMs = list.atMs
    this.#held.push({ byte, shows: true })
    if (key > 0) for (const typed of this.#held.slice(-key)) typed.shows = false
    if (LINE_ENDS.has(byte)) this.#lineEnds += 1
    this.#settle(list)
    if (this.#held.length > MAX_HELD_BYTES) this.#hideAll(list)
  }

  #show(list: EventList, bytes: Uint8Array): void {
    let at = 0
    for (; at < bytes.length && this.#held.length > 0; at += 1) this.#shown(list, bytes[at] ?? 0)
    // Nothing is awaited: of the rest only what follows it has to be known.
    if (at === bytes.length) return
    this.#showing.pass(bytes.subarray(at))
    this.#before = bytes.at(-1) ?? 0
  }

  #shown(list: EventList, byte: number): void {
    const isText = this.#showing.isText(byte)
    const erasing = byte === SPACE && this.#before === BACKSPACE
    this.#before = byte
    const awaited = this.#held[this.#awaited]
    if (awaited === undefined) return
    if (NEWLINES.has(byte)) {
      // What is shown goes on in the next line, and this one had not come back. Before its end it may be a line that is too long.
      if (this.#lineEnds > 0) this.#hideLine(list)
      return
    }
    if (!isText || erasing) return
    if (byte !== awaited.byte) {
      this.#hideLine(list)
      return
    }
    this.#awaited += 1
    this.#settle(list)
  }

  /** Keeps what is held as soon as there is nothing more to wait for. */
  #settle(list: EventList): void {
    for (let next = this.#held[this.#awaited]; next?.shows === false; next = this.#held[this.#awaited]) {
      this.#awaited += 1
      if (LINE_ENDS.has(next.byte)) this.#lineEnds -= 1
    }
    if (this.#awaited < this.#held.length) return
    list.add(
      'input',
      Uint8Array.from(this.#held, ({ byte }) => byte),
    )
    this.#held = []
    this.#awaited = 0
  }

  #hideLine(list: EventList): void {
    const end = this.#held.findIndex(({ byte }, at) => at >= this.#awaited && LINE_ENDS.has(byte))
    if (end === -1) {
      this.#hideAll(list)
      return
    }
    list.hide(end + 1)
    this.#held = this.#held.slice(end + 1)
    this.#awaited = 0
    this.#lineEnds -= 1
    if (this.#held.length > 0) this.#settle(list)
  }

  #hideAll(list: EventList): void {
    const last = this.#held.at(-1)
    if (last === undefined) return
    list.hide(this.#held.length)
    this.#hiding = !LINE_ENDS.has(last.byte)
    this.#held = []
    this.#awaited = 0
    this.#lineEnds = 0
  }
}
