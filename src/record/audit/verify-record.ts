import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { greatest, least } from '../../support/extremes.ts'
import type { CopyReader } from '../copies/copy.ts'
import { halfOf, parseLine } from '../ledger/format/entry.ts'
import type { Half, HalfKind } from '../ledger/format/row-halves.ts'
import { dayFile, dayOf, PENDING, textOf } from '../ledger/ledger-files.ts'
import { linesOf } from '../ledger/ledger-lines.ts'
import { ledgersIn } from '../ledger/own-ledger.ts'
import { openPending } from '../ledger/pending.ts'
import type { WitnessPolicy } from '../witness/witness-policy.ts'
import { type CheckedCopies, checkCopies, unread } from './checks/check-copies.ts'
import { type CheckedCosignatures, checkCosignatures, readCosignatures } from './checks/check-cosignatures.ts'
import { type CheckedLedger, checkLedger } from './checks/check-ledger.ts'
import type { Located, Trouble } from './checks/trouble.ts'
import { type Compared, type Counts, compare, type Excuses, nameOfHash } from './compare.ts'
import { halvesIn, type RowSource, type Span } from './rows.ts'

export interface Verifying {
  /** Where the ledgers are. */
  readonly directory: string
  readonly keys: readonly KeyObject[]
  readonly source: RowSource
  /** How long rows are kept, milliseconds. */
  readonly keep: { readonly requests: number; readonly events: number }
  /** When the rows were read, epoch milliseconds. */
  readonly now: number
  /** The second place, where it is to be compared with. */
  readonly copies?: CopyReader
  /** Who has to have seen the checkpoints, where somebody has to. */
  readonly witnesses?: WitnessPolicy
  /** Of an export: how long each ledger was before the rows were read. The record may lack what was entered later. */
  readonly settled?: ReadonlyMap<string, number>
}

export interface Verified {
  readonly ledgers: readonly CheckedLedger[]
  readonly counts: Counts
  /** Entries that an export was too early for: whoever made it says so, and nobody signed it. */
  readonly late: number
  /** Null where there was no second place to compare with. */
  readonly copies: CheckedCopies | null
  /** Null where no witnesses were asked for. */
  readonly cosignatures: CheckedCosignatures | null
  readonly troubles: readonly Trouble[]
}

const DAY_MS = 86_400_000

/**
 * Compares the record with the ledgers: first each ledger by itself, then day by day of the rows' own time. What is in the record and in
 * no ledger is looked up once more at the end, since the record goes on meanwhile.
 */
export async function verifyRecord(given: Verifying): Promise<Verified> {
  const { directory, keys, source, now, settled, copies, keep, witnesses } = given
  const listed = copies === undefined ? [] : await Array.fromAsync(copies.list()).catch((error: Error) => error)
  const names = await ledgersIn(directory)
  const cosigned = witnesses && (await readCosignatures(directory, names, witnesses))
  const ledgers = await Promise.all(names.map(name => checkLedger(directory, name, keys)))
  const keptSince = now - Math.max(keep.requests, keep.events)
  const copied =
    copies === undefined
      ? null
      : listed instanceof Error
        ? unread(listed)
        : await checkCopies({
            copies,
            listed,
            ledgers,
            keys,
            keptSince,
            madeOn: settled === undefined ? null : dayOf(now),
          })
  const cosignatures = cosigned && witnesses ? checkCosignatures(cosigned, ledgers, witnesses) : null
  const excuses = toExcuses(given, ledgers)
  const compared: Compared[] = []
  for (const span of spans(ledgers, excuses.began, now)) {
    const entries = await entriesIn(ledgers, span, given)
    compared.push(await compare(entries, halvesIn(source, span), excuses))
  }
  const strangers = await stillStrange(
    given,
    compared.flatMap(one => one.strangers),
  )
  return {
    ledgers,
    counts: compared.map(one => one.counts).reduce(sum, NONE),
    late:
      settled === undefined ? 0 : ledgers.reduce((late, { name, size }) => late + size - (settled.get(name) ?? 0), 0),
    copies: copied,
    cosignatures,
    troubles: [
      ...(cosignatures?.troubles ?? []),
      ...(copied?.troubles ?? []),
      ...ledgers.flatMap(ledger => [
        ...ledger.troubles,
        ...beginning(ledger, ledgers, given),
        ...takenOtherwise(ledger, ledgers),
        ...unsigned(ledger, now),
      ]),
      ...compared.flatMap(one => one.troubles),
      ...strangers.map(half => ({ kind: 'inserted', half }) as const),
    ],
  }
}

const NONE: Counts = { good: 0, expired: 0, deletedOnRequest: 0, before: 0 }

function sum(a: Counts, b: Counts): Counts {
  return {
    good: a.good + b.good,
    expired: a.expired + b.expired,
    deletedOnRequest: a.deletedOnRequest + b.deletedOnRequest,
    before: a.before + b.before,
  }
}

function toExcuses({ keep, now }: Verifying, ledgers: readonly CheckedLedger[]): Excuses {
  const events: readonly HalfKind[] = ['lease', 'approval', 'hold', 'stop']
  // A ledger whose beginning was taken away began before all that is in the record.
  const began = least(ledgers.map(ledger => ledger.began ?? Number.NEGATIVE_INFINITY))
  return {
    deleted: new Set(ledgers.flatMap(({ deletions }) => deletions.flatMap(({ rows }) => rows))),
    expiredBefore: kind => now - (events.includes(kind) ? keep.events : keep.requests),
    began,
  }
}

/**
 * Days may be taken from a ledger when nothing that was entered in them is kept any more. How old they were is told by what was signed
 * behind them: the name of a file is anybody's.
 */
function beginning(
  ledger: CheckedLedger,
  ledgers: readonly CheckedLedger[],
  { keep, now }: Verifying,
): readonly Trouble[] {
  const { name, first, startsAt } = ledger
  const kept = Math.max(keep.requests, keep.events)
  if (first === 0 || (startsAt !== null && startsAt < now - kept)) return []
  // Where nothing was written for long, who took them says how old they were.
  const said = takenFrom(name, ledgers).filter(({ taken }) => taken.first === first)
  const isOld = (until: string, at: number) => Date.parse(`${until}T00:00:00Z`) + DAY_MS < Math.min(at, now) - kept
  if (said.some(({ at, taken }) => isOld(taken.until, at))) return []
  return [
    { kind: 'ledger', ledger: name, what: `its first ${first} entries are missing, of which rows are still kept` },
  ]
}

function takenFrom(name: string, ledgers: readonly CheckedLedger[]) {
  const all = ledgers.flatMap(({ deletions }) => deletions)
  return all.flatMap(({ at, taken }) => (taken?.ledger === name ? [{ at, taken }] : []))
}

/** Who takes days away says where the ledger begins since: what was taken beyond that was taken by somebody else. */
function takenOtherwise({ name, first }: CheckedLedger, ledgers: readonly CheckedLedger[]): readonly Trouble[] {
  const said = takenFrom(name, ledgers).map(({ taken }) => taken.first ?? Number.POSITIVE_INFINITY)
  // Where nobody ever said so, they were taken by hand.
  if (said.length === 0 || first <= greatest(said)) return []
  const what = `it begins with entry ${first}, and was taken away up to ${greatest(said)} by who said so`
  return [{ kind: 'deletion', ledger: name, what }]
}

/** A tap signs each batch, and a checkpoint once a minute: what is signed by nobody after this long is not on its way to be. */
const SIGNED_WITHIN_MS = 10 * 60_000

/** How many of its entries count: those of a ledger that is being written to will be signed. */
function counted({ vouched, vouchedAt }: CheckedLedger, now: number): number {
  return now - vouchedAt < SIGNED_WITHIN_MS ? Number.POSITIVE_INFINITY : vouched
}

function unsigned(ledger: CheckedLedger, now: number): readonly Trouble[] {
  if (ledger.loose === 0 || counted(ledger, now) > ledger.vouched) return []
  return [{ kind: 'unsigned', ledger: ledger.name, what: `its last ${ledger.loose} entries were never signed` }]
}

/** Days that there are entries or rows of; the last one has no end, the first one no beginning. */
function* spans(ledgers: readonly CheckedLedger[], began: number, now: number): Generator<Span> {
  const days = ledgers.flatMap(ledger => ledger.days)
  const times = [...days.flatMap(({ from, until }) => [from, until]), began, now].filter(Number.isFinite)
  const first = Math.floor(least(times) / DAY_MS)
  const last = Math.floor(greatest(times) / DAY_MS)
  for (let day = first; day <= last; day++) {
    const from = day === first && began === Number.NEGATIVE_INFINITY ? 0 : day * DAY_MS
    yield { from, until: day === last ? LATEST : (day + 1) * DAY_MS }
  }
}

/** Beyond any time that a row can have. */
const LATEST = Date.UTC(2299, 0)

async function entriesIn(
  ledgers: readonly CheckedLedger[],
  { from, until }: Span,
  { settled, now }: Pick<Verifying, 'settled' | 'now'>,
): Promise<readonly Located[]> {
  const found: Located[] = []
  for (const ledger of ledgers) {
    const { name, folder, days } = ledger
    const signed = counted(ledger, now)
    const length = settled === undefined ? Number.POSITIVE_INFINITY : (settled.get(name) ?? 0)
    for (const { day, first } of days.filter(one => one.from < until && one.until >= from)) {
      for await (const entry of entriesOf(name, dayFile(folder, day, 'entries'), first)) {
        if (entry.position >= signed) break
        if (entry.at >= from && entry.at < until) found.push({ ...entry, sure: entry.sure && entry.position < length })
      }
    }
  }
  return found
}

async function* entriesOf(ledger: string, file: string, first: number): AsyncGenerator<Located> {
  // The head is no entry.
  let position = first - 1
  for await (const line of linesOf(file)) {
    const entry = position < first ? null : parseLine(line)
    const half = entry === null ? null : halfOf(entry)
    if (half !== null) yield { ...half, ledger, position }
    position += 1
  }
}

/** Those that are in no ledger now, and not on their way into one. */
async function stillStrange({ directory, keys, now }: Verifying, strangers: readonly Half[]): Promise<readonly Half[]> {
  const left = new Map(strangers.map(half => [nameOfHash(half), half]))
  if (left.size === 0) return []
  for (const name of await ledgersIn(directory)) {
    // What is on its way first: whatever is in neither of both now was in neither before.
    const pending = await textOf(join(directory, name, PENDING))
    for (const line of keys.flatMap(key => openPending(pending, name, key))) forget(left, line)
    const ledger = await checkLedger(directory, name, keys)
    const all = await entriesIn([ledger], { from: 0, until: LATEST }, { now })
    for (const entry of all) left.delete(nameOfHash(entry))
  }
  return [...left.values()]
}

function forget(left: Map<string, Half>, line: string): void {
  const entry = parseLine(line)
  const half = entry === null ? null : halfOf(entry)
  if (half !== null) left.delete(nameOfHash(half))
}
