import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { originOf, signCheckpoint, splitNotes } from './format/checkpoint.ts'
import { type Entry, toLine } from './format/entry.ts'
import { toVerifierKey } from './format/signed-note.ts'
import type { Frontier } from './format/tree.ts'
import { dayFile, dayOf, daysOf, FILE_MODE, FOLDER_MODE, PENDING, TIPS, textOf, toHead } from './ledger-files.ts'
import { linesOf } from './ledger-lines.ts'
import { addLines, type Lines, textsOf, toLines, toPerhaps } from './lines.ts'
import { openPending, signPending } from './pending.ts'
import { resume } from './resume.ts'

/** The ledger cannot be gone on with: what it holds is not what was signed, or somebody else writes to it. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
}

/** What an insert will bring. */
export interface Held {
  readonly lines: Lines
}

/** What the tree comes to, and how that is signed. */
interface Next {
  readonly tree: Frontier
  readonly tip: string
}

export interface LedgerHome {
  /** Its folder, whose name is the name of the ledger. */
  readonly folder: string
  readonly name: string
  readonly key: KeyObject
  /** Epoch milliseconds. */
  readonly now?: () => number
}

/**
 * One ledger, open for its one writer. A leaf is added when the record has the row, and never taken back: what a crash left open is added
 * as something that the record may have. One call at a time.
 */
export class Ledger {
  readonly #home: LedgerHome
  readonly #now: () => number
  readonly #pending: FileHandle
  readonly #tips: FileHandle
  #tree: Frontier
  #held: Held | null = null
  /** Of what is held, where the tree has this size until then. */
  #foreseen: (Next & { readonly of: Held; readonly size: number }) | null = null
  #day: string
  #entries: FileHandle
  /** Length of the entries' file as we left it. */
  #length: number

  private constructor(home: LedgerHome, tree: Frontier, files: Files) {
    this.#home = home
    this.#now = home.now ?? Date.now
    this.#tree = tree
    this.#pending = files.pending
    this.#tips = files.tips
    this.#entries = files.entries
    this.#length = files.length
    this.#day = files.day
  }

  /** Opens it, or begins it where the folder has none. Rejects with a LedgerError when it was changed by somebody. */
  static async open(home: LedgerHome): Promise<Ledger> {
    const now = (home.now ?? Date.now)()
    await mkdir(home.folder, { recursive: true, mode: FOLDER_MODE })
    const found = await resume(home)
    if (found.kind === 'damaged') throw new LedgerError(`${home.folder}: ${found.why}`)
    const day = found.day ?? dayOf(now)
    const entries = await open(dayFile(home.folder, day, 'entries'), 'a', FILE_MODE)
    await entries.truncate(found.length)
    await trim(home.folder)
    const pending = await open(join(home.folder, PENDING), 'a', FILE_MODE)
    const tips = await open(join(home.folder, TIPS), 'a', FILE_MODE)
    const ledger = new Ledger(home, found.tree, { day, entries, pending, tips, length: found.length })
    if (found.day === null) await ledger.#writeOut(toHead(found.tree))
    if (found.tree.size === 0) await ledger.#begin(now)
    const left = openPending(await textOf(join(home.folder, PENDING)), home.name, createPublicKey(home.key))
    await ledger.#append(toPerhaps(left))
    await pending.truncate(0)
    return ledger
  }

  get name(): string {
    return this.#home.name
  }

  get folder(): string {
    return this.#home.folder
  }

  /** What witnesses, and others that read notes, want to know of it. */
  get verifierKey(): string {
    return toVerifierKey(originOf(this.name), createPublicKey(this.#home.key))
  }

  get size(): number {
    return this.#tree.size
  }

  /** Says before an insert what it will bring. What was said before and never settled may be in the record or not. */
  async hold(lines: Lines): Promise<Held> {
    if (this.#held !== null) await this.#append(toPerhaps(textsOf(this.#held.lines)))
    this.#held = null
    await this.#pending.truncate(0)
    await this.#pending.appendFile(signPending(this.name, lines, this.#home.key))
    await this.#pending.datasync()
    this.#held = { lines }
    return this.#held
  }

  /** Works out what it comes to with what is held, and writes nothing: beside the insert, so that it takes less to settle it. */
  async foresee(held: Held): Promise<void> {
    const { size } = this.#tree
    if (this.#foreseen?.of === held && this.#foreseen.size === size) return
    this.#foreseen = { of: held, size, ...(await this.#next(held.lines)) }
  }

  /** The record has what was held. */
  async settle(held: Held): Promise<void> {
    await this.#append(held.lines, held)
    await this.drop(held)
  }

  /** The record has nothing of it. */
  async drop(held: Held): Promise<void> {
    if (this.#held !== held) return
    this.#held = null
    await this.#pending.truncate(0)
  }

  async add(entries: readonly Entry[]): Promise<void> {
    await this.#append(toLines(entries))
  }

  /** Signs what the ledger holds; the next entry says that it was signed. */
  async checkpoint(): Promise<void> {
    await this.#turnDay()
    await this.#sign(this.#day)
  }

  async deletion(id: string, line: string): Promise<void> {
    const now = this.#now()
    await appendTo(dayFile(this.#home.folder, dayOf(now), 'deletions'), `${line}\n`)
    await this.add([{ kind: 'deletion', at: now, id, hash: hash('sha256', line, 'base64url') }])
  }

  async close(): Promise<void> {
    await this.#entries.close()
    await this.#pending.close()
    await this.#tips.close()
  }

  async #begin(now: number): Promise<void> {
    const hashed = hash('sha256', this.name, 'base64url')
    await this.add([{ kind: 'began', at: now, id: encodeURIComponent(this.name), hash: hashed }])
  }

  async #append(lines: Lines, held: Held | null = null): Promise<void> {
    if (lines.length === 0) return
    await this.#turnDay()
    await this.#writeOut(lines)
    const foreseen = this.#foreseen
    this.#foreseen = null
    const isSo = foreseen !== null && foreseen.of === held && foreseen.size === this.#tree.size
    const { tree, tip } = isSo ? foreseen : await this.#next(lines)
    this.#tree = tree
    await this.#signTip(tip)
  }

  async #next(lines: Lines): Promise<Next> {
    const tree = this.#tree.copy()
    await addLines(tree, lines)
    return { tree, tip: signCheckpoint(this.name, tree, this.#home.key) }
  }

  /** The head of a new day is signed, so that the ledger can begin there once older days are taken away. */
  async #turnDay(): Promise<void> {
    const today = dayOf(this.#now())
    // A clock that was set back writes on in the later day: the order of the files is that of the tree.
    if (today <= this.#day) return
    const file = dayFile(this.#home.folder, today, 'entries')
    const entries = await open(file, 'a', FILE_MODE)
    if (!(await linesOf(file).next()).done) {
      await entries.close()
      throw taken(this.#home)
    }
    await entries.truncate(0)
    await this.#entries.close()
    this.#entries = entries
    this.#day = today
    this.#length = 0
    await this.#writeOut(toHead(this.#tree))
    await this.#sign(today)
  }

  async #sign(day: string): Promise<void> {
    const { folder, name, key } = this.#home
    const note = signCheckpoint(name, this.#tree, key)
    await appendTo(dayFile(folder, day, 'checkpoints'), `${note}\n`)
    const line = toLine({
      kind: 'checkpoint',
      at: this.#now(),
      id: String(this.#tree.size),
      hash: hash('sha256', note, 'base64url'),
    })
    await this.#writeOut(line)
    this.#tree.add(line)
    await this.#tips.truncate(0)
    await this.#signTip(signCheckpoint(name, this.#tree, key))
  }

  /** What nobody signed may be anybody's: a crash leaves nothing of that kind but the batch that was on its way. */
  async #signTip(note: string): Promise<void> {
    const { size } = await this.#tips.stat()
    try {
      await this.#tips.appendFile(`${note}\n`)
      await this.#tips.datasync()
    } catch (error) {
      await this.#tips.truncate(size).catch(() => {})
      throw error
    }
  }

  /** Whoever else wrote to it would make two histories of one: then neither goes on. */
  async #writeOut(what: string | Lines): Promise<void> {
    const { size } = await this.#entries.stat()
    if (size !== this.#length) throw taken(this.#home)
    const bytes = typeof what === 'string' ? Buffer.from(`${what}\n`) : what
    try {
      await this.#entries.appendFile(bytes)
      await this.#entries.datasync()
    } catch (error) {
      // No room, for example: half a line must not stay in the way of the next try.
      await this.#entries.truncate(this.#length).catch(() => {})
      throw error
    }
    this.#length += bytes.length
  }
}

function taken({ folder }: LedgerHome): LedgerError {
  return new LedgerError(`${folder}: somebody else writes to this ledger`)
}

interface Files {
  readonly day: string
  readonly entries: FileHandle
  readonly pending: FileHandle
  readonly tips: FileHandle
  readonly length: number
}

/** What a crash left half of, in files that are written at once: nothing came of it. */
async function trim(folder: string): Promise<void> {
  const restOf = {
    checkpoints: (text: string) => splitNotes(text).rest,
    deletions: (text: string) => text.slice(text.lastIndexOf('\n') + 1),
  }
  for (const kind of ['checkpoints', 'deletions'] as const) {
    const day = (await daysOf(folder, kind)).at(-1)
    if (day === undefined) continue
    const file = dayFile(folder, day, kind)
    const text = await textOf(file)
    const rest = restOf[kind](text)
    if (rest !== '') await truncate(file, Buffer.byteLength(text) - Buffer.byteLength(rest))
  }
  const tips = await textOf(join(folder, TIPS))
  const { rest } = splitNotes(tips)
  if (rest !== '') await truncate(join(folder, TIPS), Buffer.byteLength(tips) - Buffer.byteLength(rest))
}

async function appendTo(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', FILE_MODE)
  try {
    await handle.appendFile(text)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
