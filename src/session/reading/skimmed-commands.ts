import type { SessionEvent } from '../recording/session-event.ts'
import { CommandReader, type TypedCommand } from './typed-commands.ts'

/** Output after a key, and before the next one, that is looked at: the echo stands in the one and the prompt in the other. */
const LEAD_BYTES = 4096
const TAIL_BYTES = 2048
/** Of one session. Who types while endless output comes must not have us read all of it. */
const MOST_BYTES = 2 * 2 ** 20
const MOST_COMMANDS = 500
/** Who finds what takes long to read must not have our time. */
const MOST_MS = 250

/** The commands of a session that runs, at a cost that does not grow with what it shows: long output is skipped but for its ends. */
export class SkimmedCommands {
  readonly #reader = new CommandReader()
  #lead = 0
  #tail: SessionEvent[] = []
  #tailBytes = 0
  #looked = 0
  #tookMs = 0
  readonly #now: () => number

  /** `now`: milliseconds of a clock that nobody sets. */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Found so far; an exit code may come to the last of them yet. */
  get commands(): readonly TypedCommand[] {
    return this.#reader.commands
  }

  /** From here on nothing is looked at. */
  get isOver(): boolean {
    return this.#looked > MOST_BYTES || this.commands.length >= MOST_COMMANDS || this.#tookMs > MOST_MS
  }

  read(event: SessionEvent): void {
    if (this.isOver) return
    const from = this.#now()
    this.#read(event)
    this.#tookMs += this.#now() - from
  }

  #read(event: SessionEvent): void {
    if (event.kind === 'output') this.#shown(event)
    if (event.kind === 'input') {
      for (const held of this.#tail) this.#look(held)
      this.#tail = []
      this.#tailBytes = 0
      this.#lead = 0
    }
    if (event.kind === 'input' || event.kind === 'resize') this.#look(event)
  }

  #shown(event: SessionEvent): void {
    const room = LEAD_BYTES - this.#lead
    const [first, rest] = [event.bytes.subarray(0, room), event.bytes.subarray(Math.max(0, room))]
    if (room > 0) {
      this.#lead += first.length
      this.#look({ ...event, bytes: first })
    }
    if (rest.length > 0) this.#hold({ ...event, bytes: rest.slice(-TAIL_BYTES) })
  }

  #hold(event: SessionEvent): void {
    this.#tail.push(event)
    this.#tailBytes += event.bytes.length
    while (this.#tailBytes - (this.#tail[0]?.bytes.length ?? 0) >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()?.bytes.length ?? 0
    }
  }

  #look(event: SessionEvent): void {
    this.#looked += event.bytes.length
    this.#reader.read(event)
  }
}
