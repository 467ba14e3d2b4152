import { splitNotes } from '../ledger/format/checkpoint.ts'
import { dayFile, daysOf, textOf } from '../ledger/ledger-files.ts'
import type { LedgerPlace } from './ledger-place.ts'

/** A checkpoint of a ledger as its files have it. */
export interface OwnCheckpoint {
  readonly day: string
  readonly note: string
  readonly size: number
}

/** Null where nothing was signed. */
export async function newestCheckpoint(folder: string): Promise<OwnCheckpoint | null> {
  const day = (await daysOf(folder, 'checkpoints')).at(-1)
  return day === undefined ? null : ((await checkpointsOf(folder, day)).at(-1) ?? null)
}

/**
 * The last checkpoint that is at most so many entries from this place, or else the next one: whoever was away for long is brought on by
 * steps, each as small as a batch of the ledger allows.
 */
export async function nextCheckpoint(
  folder: string,
  { tree, day: first }: LedgerPlace,
  atMost: number,
): Promise<OwnCheckpoint | null> {
  let next: OwnCheckpoint | null = null
  for (const day of (await daysOf(folder, 'checkpoints')).filter(one => one >= first)) {
    for (const one of await checkpointsOf(folder, day)) {
      if (one.size <= tree.size) continue
      if (next !== null && one.size > tree.size + atMost) return next
      next = one
    }
  }
  return next
}

async function checkpointsOf(folder: string, day: string): Promise<readonly OwnCheckpoint[]> {
  const { notes } = splitNotes(await textOf(dayFile(folder, day, 'checkpoints')))
  return notes.map(note => ({ day, note, size: Number(note.split('\n', 2)[1]) }))
}
