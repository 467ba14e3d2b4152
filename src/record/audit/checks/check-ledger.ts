import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { type Entry, halfOf, parseLine } from '../../ledger/format/entry.ts'
import { Frontier } from '../../ledger/format/tree.ts'
import { dayFile, daysOf, parseHead } from '../../ledger/ledger-files.ts'
import { linesOf } from '../../ledger/ledger-lines.ts'
import { type Checkpoints, readCheckpoints } from './check-checkpoints.ts'
import { type Deletion, type Deletions, readDeletions } from './check-deletions.ts'
import type { Trouble } from './trouble.ts'

export interface LedgerDay {
  readonly day: string
  /** Position of its first entry. */
  readonly first: number
  /** Times of the rows that it has entries of. */
  readonly from: number
  readonly until: number
}

/** A ledger as it is at this moment. */
export interface CheckedLedger {
  readonly name: string
  readonly folder: string
  /** First position that is there: older days may have been taken away. */
  readonly first: number
  readonly size: number
  /** When it began; null where its beginning was taken away. */
  readonly began: number | null
  /** The first time that is told in what was signed of it: all that was before it is older. Null where nothing tells. */
  readonly startsAt: number | null
  readonly days: readonly LedgerDay[]
  readonly checkpoints: number
  /** Entries that a checkpoint is of. */
  readonly signed: number
  readonly signedAt: number | null
  /** Entries that were signed, be it in a checkpoint or since. */
  readonly vouched: number
  /** The last time that is told in those; epoch milliseconds. */
  readonly vouchedAt: number
  /** Entries of rows behind them, which may be anybody's. */
  readonly loose: number
  /** Hashes of the notes of its checkpoints, in their order. */
  readonly notes: ReadonlySet<string>
  /** What its good checkpoints say, in their order. */
  readonly texts: readonly string[]
  /** Deletions that were signed. */
  readonly deletions: readonly Deletion[]
  readonly troubles: readonly Trouble[]
}

/** Goes over a ledger by itself: every line, the tree that they make, and what was signed of it. */
export async function checkLedger(directory: string, name: string, keys: readonly KeyObject[]): Promise<CheckedLedger> {
  const folder = join(directory, name)
  // Checkpoints first: a ledger that grows meanwhile has all that they are of.
  const checkpoints = await readCheckpoints(folder, name, keys)
  const deletions = await readDeletions(folder)
  const walk = new Walk(name, checkpoints, deletions)
  const days = await daysOf(folder, 'entries')
  for (const day of days) await walk.day(day, dayFile(folder, day, 'entries'), day === days.at(-1))
  return walk.end(folder)
}

const DAY_MS = 86_400_000

class Walk {
  readonly #name: string
  readonly #checkpoints: Checkpoints
  readonly #deletions: Deletions
  readonly #troubles: Trouble[]
  readonly #days: LedgerDay[] = []
  /** Positions of deletions, by hash. */
  readonly #deleted = new Map<string, number>()
  #tree: Frontier | null = null
  #first = 0
  #began: number | null = null
  /** Size at the last checkpoint that was as the tree. */
  #good = 0
  #broken = false
  #signedAt: number | null = null
  #vouched = 0
  #vouchedAt = Number.NEGATIVE_INFINITY
  /** Time of the last entry that tells when it was made. */
  #clock = Number.NEGATIVE_INFINITY
  /** The first of them, and when it was made. */
  #start: { readonly position: number; readonly at: number } | null = null
  #loose = 0

  constructor(name: string, checkpoints: Checkpoints, deletions: Deletions) {
    this.#name = name
    this.#checkpoints = checkpoints
    this.#deletions = deletions
    this.#troubles = [...checkpoints.troubles]
  }

  async day(day: string, file: string, last: boolean): Promise<void> {
    const lines = linesOf(file)
    const head = await lines.next()
    // Nothing but half a head: its writer was killed there, and goes on elsewhere.
    if (head.done === true) return
    const tree = this.#begin(day, head.value)
    let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const first = tree.size
    const latest = Date.parse(`${day}T00:00:00Z`) + 2 * DAY_MS
    let renamed: number | null = null
    for (;;) {
      const line = await lines.next()
      if (line.done === true) {
        if (line.value.rest !== '' && !last) this.#wrong(`the entries of ${day} end in the middle of one`)
        break
      }
      const entry = this.#take(tree, line.value)
      // Before each entry its writer looks which day it is; only a clock that was set back leaves one in a later day.
      if (entry !== null && tellsTime(entry) && entry.at >= latest) renamed ??= entry.at
      if (entry === null || halfOf(entry) === null) continue
      from = Math.min(from, entry.at)
      until = Math.max(until, entry.at)
    }
    if (renamed !== null)
      this.#wrong(`what it has as entries of ${day} was entered at ${new Date(renamed).toISOString()}: it was renamed`)
    this.#days.push({ day, first, from, until })
  }

  end(folder: string): CheckedLedger {
    const size = this.#tree?.size ?? 0
    const { largest, count } = this.#checkpoints
    if (largest > size) this.#wrong(`it is cut: ${largest} entries were signed, ${size} are there`)
    if (count === 0) this.#wrong('nothing of it was ever signed')
    for (const { id, hash } of this.#deletions.all) {
      if (!this.#deleted.has(hash)) this.#troubles.push(deletionTrouble(this.#name, `deletion ${id} is not entered`))
    }
    return {
      name: this.#name,
      folder,
      first: this.#first,
      size,
      began: this.#vouched > 0 ? this.#began : null,
      startsAt: this.#start !== null && this.#start.position < this.#vouched ? this.#start.at : null,
      days: this.#days,
      checkpoints: count,
      signed: this.#good,
      signedAt: this.#signedAt,
      vouched: this.#vouched,
      vouchedAt: this.#vouchedAt,
      loose: this.#loose,
      notes: this.#checkpoints.hashes,
      texts: [...this.#checkpoints.bySize.values()].flat().map(({ note }) => textOf(note)),
      deletions: this.#deletions.all.filter(({ hash }) => (this.#deleted.get(hash) ?? size) < this.#good),
      troubles: this.#troubles,
    }
  }

  /** Each day says where the one before it ended. */
  #begin(day: string, head: string): Frontier {
    const before = this.#tree
    const given = parseHead(head)
    if (given === null) this.#wrong(`the entries of ${day} have no head`)
    if (before !== null) {
      const same = given?.size === before.size && given.root().equals(before.root())
      if (given !== null && !same) this.#wrong(`the entries of ${day} do not go on from the day before`)
      return before
    }
    const tree = given ?? new Frontier()
    this.#tree = tree
    this.#first = tree.size
    if (tree.size > 0) this.#compare(tree, true)
    return tree
  }

  #take(tree: Frontier, line: string): Entry | null {
    const entry = parseLine(line)
    if (entry === null) this.#wrong(`entry ${tree.size} cannot be read`)
    tree.add(line)
    if (entry !== null) this.#note(tree.size - 1, entry)
    if (entry !== null && halfOf(entry) !== null) this.#loose += 1
    this.#compare(tree, false)
    return entry
  }

  #note(position: number, entry: Entry): void {
    const { kind, at, id, hash } = entry
    if (tellsTime(entry)) {
      this.#clock = at
      this.#start ??= { position, at }
    }
    if (kind === 'began') {
      if (position === 0) this.#began = at
      else this.#wrong(`entry ${position} says that it begins there`)
    }
    if (kind === 'deletion') {
      this.#deleted.set(hash, position)
      if (this.#deletions.byHash.has(hash)) return
      this.#troubles.push(deletionTrouble(this.#name, `deletion ${id} is missing or was changed (entry ${position})`))
    }
    if (kind !== 'checkpoint') return
    this.#signedAt = at
    if (this.#checkpoints.hashes.has(hash)) return
    const what = `the checkpoint of ${id} entries, signed at ${new Date(at).toISOString()}, is missing or was changed`
    this.#troubles.push({ kind: 'checkpoint', ledger: this.#name, what })
  }

  /** One checkpoint that differs says where; all that come after it differ as well. */
  #compare(tree: Frontier, must: boolean): void {
    const tip = this.#checkpoints.tips.get(tree.size)
    const signed = this.#checkpoints.bySize.get(tree.size)
    if (signed === undefined && tip === undefined) {
      if (must) this.#wrong(`it begins with entry ${tree.size}, of which there is no checkpoint`)
      return
    }
    if (this.#broken) return
    this.#broken = [...(signed ?? []), ...(tip ? [tip] : [])].some(({ root }) => !root.equals(tree.root()))
    if (this.#broken) {
      this.#wrong(`entries ${this.#good} to ${tree.size - 1} are not those that were signed`)
      return
    }
    if (signed !== undefined) this.#good = tree.size
    this.#vouched = tree.size
    this.#vouchedAt = this.#clock
    this.#loose = 0
  }

  #wrong(what: string): void {
    this.#troubles.push({ kind: 'ledger', ledger: this.#name, what })
  }
}

/** Of a row's time anybody may have a say; when a ledger began or was signed, its writer says. */
function tellsTime({ kind }: Entry): boolean {
  return kind === 'began' || kind === 'checkpoint'
}

/** What is signed of a note. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n') + 1)
}

function deletionTrouble(ledger: string, what: string): Trouble {
  return { kind: 'deletion', ledger, what }
}
