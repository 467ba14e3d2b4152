import type { Half, HalfKind } from '../ledger/format/row-halves.ts'
import type { Located, Trouble } from './checks/trouble.ts'

export interface Excuses {
  /** Halves that somebody had deleted, by hash. */
  readonly deleted: ReadonlySet<string>
  /** Rows of this kind that are older may be gone; epoch milliseconds. */
  readonly expiredBefore: (kind: HalfKind) => number
  /** Rows that are older were written before there was a ledger. */
  readonly began: number
}

export interface Compared {
  /** Edited or deleted. */
  readonly troubles: readonly Trouble[]
  /** Halves that no entry is of: they may have been entered meanwhile. */
  readonly strangers: readonly Half[]
  readonly counts: Counts
}

export interface Counts {
  /** Halves in the record that are as they were entered. */
  readonly good: number
  readonly expired: number
  readonly deletedOnRequest: number
  /** From before the ledger began. */
  readonly before: number
}

/** Halves that a later one of the same row takes the place of: what ClickHouse keeps of several is one. */
const REPLACED: readonly HalfKind[] = ['gone', 'lease', 'approval', 'hold', 'stop', 'refusal', 'refusals']

/** The entries of some time, and the record's rows of that time. */
export async function compare(
  entries: readonly Located[],
  halves: AsyncIterable<Half> | Iterable<Half>,
  excuses: Excuses,
): Promise<Compared> {
  const byHash = Map.groupBy(entries, nameOfHash)
  const found = new Set<string>()
  const unknown = new Map<string, Half>()
  for await (const half of halves) {
    const name = nameOfHash(half)
    if (byHash.has(name)) found.add(name)
    else unknown.set(name, half)
  }
  const standing = newest(entries.filter(entry => found.has(nameOfHash(entry))))
  const troubles: Trouble[] = []
  const counts = { good: found.size, expired: 0, deletedOnRequest: 0, before: 0 }
  const strangersById = Map.groupBy(unknown.values(), nameOfId)
  const edited = new Set<string>()
  for (const [name, [entry]] of byHash) {
    if (found.has(name) || entry === undefined || !(byHash.get(name) ?? []).some(({ sure }) => sure)) continue
    if (excuses.deleted.has(entry.hash)) counts.deletedOnRequest += 1
    else if (isReplaced(entry, standing)) continue
    else if (strangersById.has(nameOfId(entry))) {
      troubles.push({ kind: 'edited', entry })
      edited.add(nameOfId(entry))
    } else if (entry.at < excuses.expiredBefore(entry.kind)) counts.expired += 1
    else troubles.push({ kind: 'deleted', entry })
  }
  const strangers = [...unknown.values()].filter(half => !edited.has(nameOfId(half)))
  const before = strangers.filter(({ at }) => at < excuses.began)
  return {
    troubles,
    strangers: strangers.filter(({ at }) => at >= excuses.began),
    counts: { ...counts, before: before.length },
  }
}

/** The last that is there of each row, in each ledger. */
function newest(entries: readonly Located[]): ReadonlyMap<string, readonly Located[]> {
  return Map.groupBy(entries, nameOfId)
}

/** Of one ledger only by what came later: the record may not go back to what it said before. */
function isReplaced(entry: Located, standing: ReadonlyMap<string, readonly Located[]>): boolean {
  if (!REPLACED.includes(entry.kind)) return false
  const others = standing.get(nameOfId(entry)) ?? []
  // Of counts the larger one stays, whichever came last.
  if (entry.kind === 'refusals' || entry.kind === 'gone') return others.length > 0
  return others.some(other => other.ledger !== entry.ledger || other.position > entry.position)
}

export function nameOfHash({ kind, hash }: Half): string {
  return `${kind} ${hash}`
}

function nameOfId({ kind, id }: Half): string {
  return `${kind} ${id}`
}
