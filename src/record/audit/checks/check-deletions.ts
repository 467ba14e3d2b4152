import { hash } from 'node:crypto'
import { dayFile, daysOf, textOf } from '../../ledger/ledger-files.ts'

/** Rows that somebody had deleted. Whose they were is not said: it would be the last place where it stands. */
export interface Deletion {
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Who did it, and why, in their words. */
  readonly by: string
  readonly why: string
  readonly of: 'agent' | 'sponsor' | 'lease' | 'session' | 'days'
  /** Hashes of the halves, as they were entered. */
  readonly rows: readonly string[]
  /** Of days of a ledger that nothing was kept of any more: up to which, and the entry that it begins with since; null: it is gone. */
  readonly taken?: { readonly ledger: string; readonly until: string; readonly first: number | null }
}

export interface Deletions {
  readonly all: readonly (Deletion & { readonly hash: string })[]
  readonly byHash: ReadonlySet<string>
}

export function toDeletionLine({ id, at, by, why, of, rows, taken }: Deletion): string {
  return JSON.stringify({ id, at, by, why, of, rows, ...(taken && { taken }) })
}

/** Lines that cannot be read are left out: the entry that they belong to then misses them. */
export async function readDeletions(folder: string): Promise<Deletions> {
  const all: (Deletion & { readonly hash: string })[] = []
  for (const day of await daysOf(folder, 'deletions')) {
    const lines = (await textOf(dayFile(folder, day, 'deletions'))).split('\n').slice(0, -1)
    for (const line of lines) {
      const read = parseDeletion(line)
      all.push({ ...(read ?? UNREADABLE), hash: hash('sha256', line, 'base64url') })
    }
  }
  return { all, byHash: new Set(all.map(one => one.hash)) }
}

const UNREADABLE: Deletion = { id: '(unreadable)', at: 0, by: '', why: '', of: 'lease', rows: [] }

function parseDeletion(line: string): Deletion | null {
  try {
    const read = JSON.parse(line) as Deletion
    return Array.isArray(read.rows) && read.rows.every(row => typeof row === 'string') ? read : null
  } catch {
    return null
  }
}
