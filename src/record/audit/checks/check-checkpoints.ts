import { hash, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { greatest } from '../../../support/extremes.ts'
import { type Checkpoint, openCheckpoint, splitNotes } from '../../ledger/format/checkpoint.ts'
import { dayFile, daysOf, TIPS, textOf } from '../../ledger/ledger-files.ts'
import type { Trouble } from './trouble.ts'

export interface Signed extends Checkpoint {
  readonly note: string
}

export interface Checkpoints {
  /** Whose signature is good, by the size that they are of. */
  readonly bySize: ReadonlyMap<number, readonly Signed[]>
  /** Of what was entered since the last of them: signed as well, and not kept. */
  readonly tips: ReadonlyMap<number, Checkpoint>
  readonly count: number
  /** The largest size that was signed; -Infinity for none. */
  readonly largest: number
  /** Hashes of all notes that are there, also of bad ones. */
  readonly hashes: ReadonlySet<string>
  readonly troubles: readonly Trouble[]
}

/** The checkpoints of a ledger, each checked with one of these keys. */
export async function readCheckpoints(
  folder: string,
  ledger: string,
  keys: readonly KeyObject[],
): Promise<Checkpoints> {
  const bySize = new Map<number, Signed[]>()
  const hashes = new Set<string>()
  const troubles: Trouble[] = []
  let count = 0
  const days = await daysOf(folder, 'checkpoints')
  for (const day of days) {
    const { notes, rest } = splitNotes(await textOf(dayFile(folder, day, 'checkpoints')))
    for (const [index, note] of notes.entries()) {
      count += 1
      hashes.add(hash('sha256', note, 'base64url'))
      const opened = openWithAny(note, ledger, keys)
      if (typeof opened === 'string') {
        troubles.push({ kind: 'checkpoint', ledger, what: `checkpoint ${index + 1} of ${day}: ${opened}` })
      } else bySize.set(opened.size, [...(bySize.get(opened.size) ?? []), { ...opened, note }])
    }
    // The last one may be half written at this moment.
    if (rest !== '' && day !== days.at(-1)) {
      troubles.push({ kind: 'checkpoint', ledger, what: `the file of checkpoints of ${day} ends in the middle of one` })
    }
  }
  const tips = await readTips(folder, ledger, keys)
  return { bySize, tips, count, hashes, troubles, largest: greatest([...bySize.keys(), ...tips.keys()]) }
}

async function readTips(folder: string, ledger: string, keys: readonly KeyObject[]) {
  const opened = splitNotes(await textOf(join(folder, TIPS))).notes.map(note => openWithAny(note, ledger, keys))
  return new Map(opened.flatMap(one => (typeof one === 'string' ? [] : [[one.size, one] as const])))
}

export function openWithAny(note: string, ledger: string, keys: readonly KeyObject[]): Checkpoint | string {
  let problem = 'there is no key to check it with'
  for (const key of keys) {
    const opened = openCheckpoint(note, ledger, key)
    if (opened.kind === 'ok') return opened.value
    problem = opened.message
  }
  return problem
}
