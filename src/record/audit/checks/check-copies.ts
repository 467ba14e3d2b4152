import type { KeyObject } from 'node:crypto'
import type { Copy, CopyReader } from '../../copies/copy.ts'
import { openWithAny } from './check-checkpoints.ts'
import type { CheckedLedger } from './check-ledger.ts'
import type { Trouble } from './trouble.ts'

export interface CheckedCopies {
  /** Checkpoints in the second place that the ledgers have as well. */
  readonly same: number
  /** Of days that were taken away from the ledgers. */
  readonly older: number
  readonly troubles: readonly Trouble[]
}

export interface Comparing {
  readonly copies: CopyReader
  /** What was there before the ledgers were read: they grow meanwhile. */
  readonly listed: readonly Copy[]
  readonly ledgers: readonly CheckedLedger[]
  readonly keys: readonly KeyObject[]
  /** Days of a ledger that are older may be gone, and whole ledgers that ended before; epoch milliseconds. */
  readonly keptSince: number
  /** Of an export, the day it was made: what was put on that day or later may be of entries that it does not have. Null: of none. */
  readonly madeOn: string | null
}

/** Where nothing of it can be compared. All else still can. */
export function unread({ message }: Error): CheckedCopies {
  return { same: 0, older: 0, troubles: [{ kind: 'unread', what: `the second place cannot be read: ${message}` }] }
}

/** Newest checkpoints that need not be in the second place yet: one is signed each minute. */
const NOT_YET = 15

/** Compares ledgers with what the second place was given of them: what somebody rewrote, or put back, was another one then. */
export async function checkCopies({
  copies,
  listed,
  ledgers,
  keys,
  keptSince,
  madeOn,
}: Comparing): Promise<CheckedCopies> {
  const byName = new Map(ledgers.map(ledger => [ledger.name, ledger]))
  const isLater = ({ ledger, day, size }: Copy) =>
    madeOn !== null && day >= madeOn && size > (byName.get(ledger)?.size ?? 0)
  const byLedger = Map.groupBy(
    listed.filter(copy => !isLater(copy)),
    ({ ledger }) => ledger,
  )
  const troubles: Trouble[] = []
  let [same, older] = [0, 0]
  for (const [name, all] of byLedger) {
    const here = byName.get(name)
    // Where the ledger begins says whoever wrote it; on which day a copy was put there, nobody can change.
    const newer = all.filter(({ size, day }) => here === undefined || size >= here.first || endOf(day) >= keptSince)
    const others = newer.filter(({ hash }) => here?.notes.has(hash) !== true)
    older += all.length - newer.length
    same += newer.length - others.length
    if (here === undefined && all.every(({ day }) => endOf(day) < keptSince)) older += all.length
    else troubles.push(...(await strangersOf(others, here !== undefined, { copies, keys })))
  }
  for (const ledger of ledgers) troubles.push(...uncopied(ledger, byLedger.get(ledger.name) ?? []))
  return { same, older, troubles }
}

/** The first that was signed says enough: what anybody may have put there under such a name comes before it, and says nothing. */
async function strangersOf(
  others: readonly Copy[],
  isHere: boolean,
  { copies, keys }: Pick<Comparing, 'copies' | 'keys'>,
): Promise<readonly Trouble[]> {
  const ordered = others.toSorted((a, b) => a.size - b.size)
  for (const [index, copy] of ordered.entries()) {
    const { ledger, size, day } = copy
    const note = await copies.read(copy).catch(() => '')
    const opened = openWithAny(note, ledger, keys)
    if (typeof opened === 'string' || opened.size !== size) continue
    const more = ordered.length - index - 1
    const also = more === 0 ? '' : ` (and up to ${more} more)`
    const what = isHere
      ? `it has not the checkpoint of ${size} entries of ${day} that the second place has${also}: it was rewritten, put back, or cut at its beginning`
      : `it is gone: the second place has its checkpoint of ${size} entries of ${day}${also}`
    return [{ kind: 'rewritten', ledger, what }]
  }
  const [first] = ordered
  if (first === undefined) return []
  const what = `${ordered.length} objects in the second place that the key has not signed, or that cannot be read, the first in ${first.day}`
  return [{ kind: 'uncopied', ledger: first.ledger, what }]
}

/** From the first on that was copied: what was signed before the second place was set is in none. */
function uncopied({ name, notes }: CheckedLedger, copied: readonly Copy[]): readonly Trouble[] {
  const there = new Set(copied.map(({ hash }) => hash))
  const settled = [...notes].slice(0, -NOT_YET)
  const first = there.size === 0 ? 0 : settled.findIndex(note => there.has(note))
  const missing = first < 0 ? [] : settled.slice(first).filter(note => !there.has(note))
  if (missing.length === 0) return []
  const what =
    there.size === 0
      ? 'the second place has nothing of it'
      : `the second place lacks ${missing.length} of its checkpoints`
  return [{ kind: 'uncopied', ledger: name, what }]
}

function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 86_400_000
}
