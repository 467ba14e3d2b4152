import type { Row } from '../../../record/record-sink.ts'
import { toCommandRow } from '../../../record/sessions/command-rows.ts'
import { SkimmedCommands } from '../../reading/skimmed-commands.ts'
import type { TypedCommand } from '../../reading/typed-commands.ts'
import type { SessionHead } from '../../recording/session-event.ts'
import { fromBytes } from '../event-bytes.ts'

/**
 * What the record gets of the commands of one session, chunk by chunk. A chunk that is sent again has the rows that it had. Of a session that
 * another process began, the first command may be missing: its prompt stood in a chunk before.
 */
export class CommandRows {
  readonly #head: SessionHead
  readonly #skimmed = new SkimmedCommands()
  /** As they were told last. */
  #told: readonly TypedCommand[] = []
  /** Of chunks that may have to be sent again. */
  readonly #rows = new Map<number, readonly Row[]>()

  constructor(head: SessionHead) {
    this.#head = head
  }

  /** Of chunks in their order. `events`: as chunks hold them. */
  async of(n: number, events: () => Promise<Buffer | null>): Promise<readonly Row[]> {
    const known = this.#rows.get(n)
    if (known !== undefined) return known
    for (const event of fromBytes((await events()) ?? Buffer.alloc(0)) ?? []) this.#skimmed.read(event)
    const now = [...this.#skimmed.commands]
    const rows = now
      .filter((command, index) => command !== this.#told[index])
      .map(each => toCommandRow(this.#head, each))
    this.#told = now
    this.#rows.set(n, rows)
    return rows
  }

  /** The record has all before this chunk. */
  sent(before: number): void {
    for (const n of this.#rows.keys()) if (n < before) this.#rows.delete(n)
  }
}
