import { setImmediate as others } from 'node:timers/promises'
import type { Row } from '../../../record/record-sink.ts'
import { toCommandRow } from '../../../record/sessions/command-rows.ts'
import { SkimmedCommands } from '../../reading/skimmed-commands.ts'
import type { TypedCommand } from '../../reading/typed-commands.ts'
import type { SessionEvent, SessionHead } from '../../recording/session-event.ts'
import { fromBytes } from '../event-bytes.ts'

/** Of the thread at a time: the recorder, which holds up sessions, is on it. */
const AT_ONCE_MS = 5
/** The rest of a command by itself has lost what shows that a word in it is a credential. */
const CONTINUED = '[continued: the recording has it]'
const NOT_LOOKED_AT = {
  command: '[not looked at from here on: the recording has it]',
  known: 'not looked at',
  exitCode: null,
} as const

/**
 * What the record gets of the commands of one session, chunk by chunk. A chunk that is sent again has the rows that it had. Of a session that
 * another process began, the first command may be missing: its prompt stood in a chunk before.
 */
export class CommandRows {
  readonly #head: SessionHead
  readonly #skimmed: SkimmedCommands
  #isOver = false
  /** The last command was the rest of one. */
  #continues = false
  /** Of chunks that may have to be sent again. */
  readonly #rows = new Map<number, readonly Row[]>()

  constructor(head: SessionHead, skimmed = new SkimmedCommands()) {
    this.#head = head
    this.#skimmed = skimmed
  }

  /** Of chunks in their order. `events`: as chunks hold them. */
  async of(n: number, events: () => Promise<Buffer | null>): Promise<readonly Row[]> {
    const known = this.#rows.get(n)
    if (known !== undefined) return known
    if (this.#isOver) return []
    const overMs = await this.#read(fromBytes((await events()) ?? Buffer.alloc(0)) ?? [])
    const rows = this.#skimmed.take().flatMap(command => this.#rowOf(command))
    if (overMs !== null) rows.push(toCommandRow(this.#head, { atMs: overMs, ...NOT_LOOKED_AT }))
    this.#rows.set(n, rows)
    return rows
  }

  /** One for all that a command goes on for. */
  #rowOf(command: TypedCommand): readonly Row[] {
    const isOneMore = command.continues === true && this.#continues
    this.#continues = command.continues === true
    if (isOneMore) return []
    return [toCommandRow(this.#head, command.continues ? { ...command, command: CONTINUED } : command)]
  }

  /** When the first event was that nobody looks at. */
  async #read(events: readonly SessionEvent[]): Promise<number | null> {
    let from = performance.now()
    for (const event of events) {
      this.#isOver = this.#skimmed.isOver
      if (this.#isOver) return event.atMs
      this.#skimmed.read(event)
      if (performance.now() - from < AT_ONCE_MS) continue
      await others()
      from = performance.now()
    }
    return null
  }

  /** The record has all before this chunk. */
  sent(before: number): void {
    for (const n of this.#rows.keys()) if (n < before) this.#rows.delete(n)
  }
}
