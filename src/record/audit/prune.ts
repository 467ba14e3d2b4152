import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { halfOf, parseLine } from '../ledger/format/entry.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { dayFile } from '../ledger/ledger-files.ts'
import { linesOf } from '../ledger/ledger-lines.ts'
import { type Deletion, toDeletionLine } from './checks/check-deletions.ts'
import { type CheckedLedger, checkLedger, type LedgerDay } from './checks/check-ledger.ts'
import { nameOfHash } from './compare.ts'
import { halvesIn } from './rows.ts'
import type { Verifying } from './verify-record.ts'

/** What can go of one ledger, and why the rest stays. */
export interface Prunable {
  readonly ledger: string
  readonly folder: string
  /** Days that go, oldest first. */
  readonly days: readonly string[]
  /** It begins with this entry then; null where all of it goes. */
  readonly first: number | null
  readonly bytes: number
  readonly stays: string
}

export type Pruning = Pick<Verifying, 'directory' | 'keys' | 'source' | 'keep' | 'now'>

const DAY_MS = 86_400_000

/** Oldest days of a ledger that nothing is kept of any more. One that is not as it was signed keeps all: it is evidence. */
export async function findPrunable(given: Pruning, name: string): Promise<Prunable> {
  const ledger = await checkLedger(given.directory, name, given.keys)
  const { folder, days } = ledger
  const [going, stays] =
    ledger.troubles.length > 0 ? [[], 'it is not as it was signed: see `audit verify`'] : await old(given, ledger)
  const first = days[going.length]?.first ?? null
  const names = going.map(({ day }) => day)
  return { ledger: name, folder, days: names, first, bytes: await sizeOf(folder, names), stays }
}

async function old({ source, keep, now }: Pruning, { folder, days }: CheckedLedger) {
  const keptSince = now - Math.max(keep.requests, keep.events)
  const gone: LedgerDay[] = []
  for (const one of days) {
    // A clock that is a day wrong somewhere takes nothing away.
    const end = Date.parse(`${one.day}T00:00:00Z`) + 2 * DAY_MS
    if (Math.max(end, one.until) >= keptSince) return [gone, `${one.day} is not older than what is kept`] as const
    if (await isKept(source, folder, one)) return [gone, `the record still has rows of ${one.day}`] as const
    gone.push(one)
  }
  return [gone, 'nothing'] as const
}

/** Whether the record has any row that was entered on this day. */
async function isKept(source: Pruning['source'], folder: string, { day, from, until }: LedgerDay): Promise<boolean> {
  if (!Number.isFinite(from)) return false
  const there = new Set<string>()
  for await (const half of halvesIn(source, { from, until: until + 1 })) there.add(nameOfHash(half))
  if (there.size === 0) return false
  for await (const line of linesOf(dayFile(folder, day, 'entries'))) {
    const entry = parseLine(line)
    const half = entry === null ? null : halfOf(entry)
    if (half !== null && there.has(nameOfHash(half))) return true
  }
  return false
}

/** Enters in a ledger that stays what goes, who takes it and why; then takes it. The entries go first: without them nothing misses the rest. */
export async function prune(
  { ledger, folder, days, first }: Prunable,
  eraser: Ledger,
  said: Pick<Deletion, 'by' | 'why'>,
): Promise<void> {
  const last = days.at(-1)
  if (last === undefined) return
  const id = uuidv7()
  const taken = { ledger, until: last, first }
  await eraser.deletion(id, toDeletionLine({ ...said, id, at: Date.now(), of: 'days', rows: [], taken }))
  if (first === null) return rm(folder, { recursive: true })
  for (const file of await filesUntil(folder, last)) await rm(join(folder, file))
}

async function sizeOf(folder: string, days: readonly string[]): Promise<number> {
  const last = days.at(-1)
  const files = last === undefined ? [] : await filesUntil(folder, last)
  const sizes = await Promise.all(files.map(async file => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Of this day and those before it, the entries of the oldest first. */
async function filesUntil(folder: string, last: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter(
    file => /^\d{4}-\d{2}-\d{2}\.\w+$/.test(file) && file.slice(0, 10) <= last,
  )
  const isEntries = (file: string) => (file.endsWith('.entries') ? 0 : 1)
  return files.sort((a, b) => isEntries(a) - isEntries(b) || (a < b ? -1 : 1))
}
