import type { SessionEvent } from '../recording/session-event.ts'
import { CommandReader, type TypedCommand } from './typed-commands.ts'

/** Output after a key, and before the next one, that is looked at: the echo stands in the one and the prompt in the other. */
const LEAD_BYTES = 4096
const TAIL_BYTES = 2048
/** Of one session. Who types while endless output comes must not have us read all of it. */
const MOST_BYTES = 2 * 2 ** 20
const MOST_COMMANDS = 500
/** Of all commands together: their rows are held as long as the record does not take them. */
const MOST_CHARACTERS = 128 * 1024
/** Who finds what takes long to read must not have our time. */
const MOST_MS = 250

/** The commands of a session that runs, at a cost that does not grow with what it shows: long output is skipped but for its ends. */
export class SkimmedCommands {
  readonly #reader: CommandReader
  /** By their number: those that nobody took yet. */
  readonly #untaken = new Map<number, TypedCommand>()
  #count = 0
  #characters = 0
  #lead = 0
  /** Copied, since a view of it would keep all of its chunk. */
  #tail: SessionEvent | null = null
  #looked = 0
  #tookMs = 0
  readonly #now: () => number

  /** `now`: milliseconds of a clock that nobody sets. */
  constructor(now = () => performance.now()) {
    this.#now = now
    this.#reader = new CommandReader((command, index) => {
      if (index === this.#count) this.#characters += command.command.length
      this.#count = index + 1
      this.#untaken.set(index, command)
    })
  }

  /** Found since they were taken last, and the last one of then once more if its exit code came. */
  take(): readonly TypedCommand[] {
    const commands = [...this.#untaken.values()]
    this.#untaken.clear()
    return commands
  }

  /** From here on nothing is looked at. */
  get isOver(): boolean {
    const isMuch = this.#count >= MOST_COMMANDS || this.#characters > MOST_CHARACTERS
    return isMuch || this.#looked > MOST_BYTES || this.#tookMs > MOST_MS
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
      if (this.#tail !== null) this.#look(this.#tail)
      this.#tail = null
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
    if (rest.length > 0) this.#hold({ ...event, bytes: rest.subarray(-TAIL_BYTES) })
  }

  #hold(event: SessionEvent): void {
    const bytes = Buffer.concat([this.#tail?.bytes ?? new Uint8Array(0), event.bytes]).subarray(-TAIL_BYTES)
    this.#tail = { ...event, bytes }
  }

  #look(event: SessionEvent): void {
    this.#looked += event.bytes.length
    this.#reader.read(event)
  }
}
