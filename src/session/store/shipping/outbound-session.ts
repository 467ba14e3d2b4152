import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../../../record/record-sink.ts'
import { type ChunkKind, toChunkRow, toEndRow, toKeyRow } from '../../../record/sessions/session-rows.ts'
import { type ChunkPlace, nextHash, openChunk, toChunk } from '../chunk.ts'
import type { SessionKeys } from '../keys/session-keys.ts'
import { type Ending, readEnding, writeEnding } from '../spool/ending.ts'
import { readFrames } from '../spool/frames.ts'
import { readHead, type SpooledHead } from '../spool/head-file.ts'
import { contentOf, replaceFile, type Spool, segmentFile, segmentOf } from '../spool/spool.ts'
import { CommandRows } from './command-rows.ts'
import { type Progress, readProgress, writeProgress } from './progress.ts'

const LAST = 'last.sealed'

/** What the record gets next of a session. */
export interface Load {
  readonly rows: readonly Row[]
  readonly size: number
  /** The record has them. */
  readonly done: () => Promise<void>
}

/** `masked`: commands that were typed become rows, masked and in clear; `sealed`: they are in the recording alone. */
export type CommandsRule = 'sealed' | 'masked'

interface Sealed {
  readonly kind: ChunkKind
  readonly sealed: Buffer
  readonly bytes: number
}

/**
 * A session of the spool on its way to the record. Each segment becomes a chunk, which is in a file before the record hears of it: sent
 * again after a crash it is the same, byte for byte. A segment that is missing or was altered becomes a chunk that says so.
 */
export class OutboundSession {
  readonly folder: string
  readonly #spool: Spool
  readonly #given: SpooledHead
  readonly #commands: CommandRows | null
  #progress: Progress

  private constructor(folder: string, spool: Spool, given: SpooledHead, progress: Progress, commands: CommandsRule) {
    this.folder = folder
    this.#spool = spool
    this.#given = given
    this.#progress = progress
    // Where there is no terminal there is no prompt.
    this.#commands = commands === 'masked' && given.head.tty ? new CommandRows(given.head) : null
  }

  /** Rejects with a SessionError when it cannot be opened with these keys. */
  static async open(
    folder: string,
    spool: Spool,
    keys: SessionKeys,
    commands: CommandsRule = 'sealed',
  ): Promise<OutboundSession> {
    const given = await readHead(folder, keys)
    const progress = readProgress(folder, given.head.auditId, given.key)
    return new OutboundSession(folder, spool, given, progress, commands)
  }

  get auditId(): string {
    return this.#given.head.auditId
  }

  /** Makes chunks of what is closed: they take less room, also while the record is away. `turn` lets others come to theirs. */
  async sealClosed(turn: () => Promise<unknown>): Promise<void> {
    for (const name of readdirSync(this.folder)) {
      const segment = segmentOf(name)
      if (segment?.state !== 'closed') continue
      await turn()
      await this.#seal(segment.n)
    }
  }

  /** At least one chunk, if there is one, and more up to so many bytes; null when there is nothing to send. */
  async next(mostBytes: number, turn: () => Promise<unknown>): Promise<Load | null> {
    const ending = this.#ending()
    const known = this.#known(ending)
    const rows: Row[] = this.#progress.n === 0 ? [toKeyRow(this.#given.head, this.#given.wrapped)] : []
    let [after, size] = [this.#progress, 0]
    while (size < mostBytes && after.n < known) {
      await turn()
      const chunk = await this.#chunk(after.n)
      if (chunk === null) break
      rows.push(
        toChunkRow(this.#given.head, after.n, chunk.kind, chunk.sealed),
        ...(await this.#commandsOf(after.n, chunk)),
      )
      size += chunk.sealed.length
      after = advance(after, chunk)
    }
    if (ending !== null && after.n >= known && size < mostBytes) return this.#last(rows, after, ending)
    return size === 0 ? null : { rows, size, done: () => this.#sent(after) }
  }

  /** Of a gap there are none. */
  async #commandsOf(n: number, { kind, sealed }: Sealed): Promise<readonly Row[]> {
    if (this.#commands === null || kind !== 'events') return []
    const place = { auditId: this.auditId, kind, n } as const
    return this.#commands.of(n, async () => openChunk(this.#given.key, place, sealed)?.unpack() ?? null)
  }

  async #last(rows: readonly Row[], progress: Progress, { at, why }: Ending): Promise<Load> {
    const { head, key } = this.#given
    const { n } = progress
    const plain = Buffer.from(JSON.stringify({ at, why, chunks: n, hash: progress.hash }))
    const place = { auditId: head.auditId, kind: 'end', n } as const
    const sealed = this.#kept(place, () => toChunk(key, place, plain))
    const { hash, bytes, stored } = advance(progress, { sealed, bytes: 0 })
    const ended = { at, why, chunks: n + 1, bytes, stored, hash }
    return {
      rows: [...rows, toChunkRow(head, n, 'end', sealed), toEndRow(head, ended)],
      size: sealed.length,
      done: async () => this.#spool.remove(this.folder),
    }
  }

  async #sent(after: Progress): Promise<void> {
    const { n: from } = this.#progress
    writeProgress(this.folder, this.auditId, this.#given.key, after)
    this.#progress = after
    this.#commands?.sent(after.n)
    for (let n = from; n < after.n; n++) this.#drop(n)
  }

  #drop(n: number): void {
    const path = segmentFile(this.folder, n, 'sealed')
    const { size } = statSync(path)
    rmSync(path)
    this.#spool.taken(this.folder, size)
  }

  #ending(): Ending | null {
    const ending = readEnding(this.folder, this.auditId, this.#given.key)
    if (ending !== 'altered') return ending
    const at = statSync(this.folder).mtime.toISOString()
    // One more than there are: nobody knows how many there were.
    const unknown = { at, why: 'how it ended was altered', segments: this.#highest() + 1 }
    writeEnding(this.folder, this.auditId, this.#given.key, unknown)
    return unknown
  }

  /** Segments before this number were begun. */
  #known(ending: Ending | null): number {
    return Math.max(ending?.segments ?? 0, this.#highest())
  }

  #highest(): number {
    const segments = readdirSync(this.folder)
      .map(segmentOf)
      .filter(one => one !== null)
    return Math.max(this.#progress.n, ...segments.map(({ n }) => n + 1))
  }

  /** Null for one that is being written. */
  async #chunk(n: number): Promise<Sealed | null> {
    // In the order in which a segment goes from one to the other.
    if (isThere(segmentFile(this.folder, n, 'open'))) return null
    await this.#seal(n)
    const sealed = contentOf(segmentFile(this.folder, n, 'sealed'))
    const opened = sealed === null ? null : this.#opened(n, sealed)
    if (opened !== null) return opened
    const why = sealed === null ? 'missing' : 'altered'
    return this.#gap(n, why)
  }

  #opened(n: number, sealed: Buffer): Sealed | null {
    const { key } = this.#given
    const kinds = ['events', 'gap'] as const
    for (const kind of kinds) {
      const chunk = openChunk(key, { auditId: this.auditId, kind, n }, sealed)
      if (chunk !== null) return { kind, sealed, bytes: chunk.bytes }
    }
    return null
  }

  async #gap(n: number, why: string): Promise<Sealed> {
    const plain = Buffer.from(JSON.stringify({ why }))
    const sealed = toChunk(this.#given.key, { auditId: this.auditId, kind: 'gap', n }, plain)
    this.#put(n, sealed)
    return { kind: 'gap', sealed, bytes: 0 }
  }

  /** From closed to sealed. */
  async #seal(n: number): Promise<void> {
    const path = segmentFile(this.folder, n, 'closed')
    const file = contentOf(path)
    if (file === null) return
    const { key } = this.#given
    if (!isThere(segmentFile(this.folder, n, 'sealed'))) {
      const { bytes, isClosed, length } = readFrames({ key, auditId: this.auditId, n }, file)
      if (isClosed && length === file.length) {
        this.#put(n, toChunk(key, { auditId: this.auditId, kind: 'events', n }, bytes))
      } else await this.#gap(n, 'altered')
    }
    rmSync(path)
    this.#spool.grow(this.folder, -file.length)
  }

  /** The last chunk has a file of its own, so that it is not taken for a segment. */
  #kept(place: ChunkPlace, make: () => Buffer): Buffer {
    const path = join(this.folder, LAST)
    const kept = contentOf(path)
    if (kept !== null && openChunk(this.#given.key, place, kept) !== null) return kept
    const made = make()
    replaceFile(path, made)
    return made
  }

  #put(n: number, sealed: Buffer): void {
    const path = segmentFile(this.folder, n, 'sealed')
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    replaceFile(path, sealed)
    this.#spool.grow(this.folder, sealed.length - before)
  }
}

function advance({ n, hash, bytes, stored }: Progress, chunk: Pick<Sealed, 'sealed' | 'bytes'>): Progress {
  return {
    n: n + 1,
    hash: nextHash(hash, chunk.sealed),
    bytes: bytes + chunk.bytes,
    stored: stored + chunk.sealed.length,
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
