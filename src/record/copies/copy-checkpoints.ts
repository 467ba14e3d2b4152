import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { splitNotes } from '../ledger/format/checkpoint.ts'
import { COPIED, dayFile, daysOf, FILE_MODE, textOf } from '../ledger/ledger-files.ts'
import { type CopyTaker, toCopyName } from './copy.ts'

/** How far a ledger's checkpoints are in the second place. */
interface Position {
  readonly day: string
  /** Bytes of that day's file. */
  readonly length: number
}

export interface Copied {
  readonly folder: string
  readonly ledger: string
  readonly taker: CopyTaker
}

/**
 * Puts what was signed since the last time, oldest first, and notes how far it came, also where it rejects: what the second place did
 * not take is put the next time. A ledger that was never copied begins with its newest day: each checkpoint is of all that is before it.
 */
export async function copyCheckpoints({ folder, ledger, taker }: Copied, signal: AbortSignal): Promise<void> {
  const days = await daysOf(folder, 'checkpoints')
  const known = await readPosition(folder)
  const from = known ?? { day: days.at(-1) ?? '', length: 0 }
  let at = from
  try {
    for (const day of days.filter(one => one >= from.day)) {
      const bytes = Buffer.from(await textOf(dayFile(folder, day, 'checkpoints')))
      const begin = day === from.day && from.length <= bytes.length ? from.length : 0
      at = { day, length: begin }
      for (const note of splitNotes(bytes.subarray(begin).toString()).notes) {
        signal.throwIfAborted()
        const name = toCopyName(ledger, day, note)
        if (name !== null) await taker.put(name, note)
        at = { day, length: at.length + Buffer.byteLength(note) + 1 }
      }
    }
  } finally {
    // Doctors go by when it changed last.
    const same = known?.day === at.day && known.length === at.length
    if (!same && at.day !== '') await writePosition(folder, at)
  }
}

async function readPosition(folder: string): Promise<Position | null> {
  const text = await textOf(join(folder, COPIED))
  const { day, length } = /^(?<day>\d{4}-\d{2}-\d{2}) (?<length>\d{1,15})\n$/.exec(text)?.groups ?? {}
  return day === undefined ? null : { day, length: Number(length) }
}

async function writePosition(folder: string, { day, length }: Position): Promise<void> {
  const file = join(folder, COPIED)
  await writeFile(`${file}.new`, `${day} ${length}\n`, { mode: FILE_MODE })
  await rename(`${file}.new`, file)
}
