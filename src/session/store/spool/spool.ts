import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { SessionError } from '../session-error.ts'

/** What a session takes beside its streams: so many sessions fill the spool as well. */
export const SESSION_BYTES = 4096
/** Kept free for the sessions that run: no new one begins in it. */
const RESERVE = 0.1
/** Of the spool: more of it no session takes, so that one that writes without end does not end the others. */
const SHARE = 0.25
/** A segment, as it is written, and the one that is being sealed. */
const LEAST_SHARE_BYTES = 1024 * 1024
const MUCH_BYTES = 4 * 1024 * 1024
/** Of the spool, or of its share: from there on a session waits for the record. */
const WAITS_AT = 0.5
/** Twice in a row it is less than Envoy waits for an answer, milliseconds. */
const WAITS_MS = 700
/** Written within this time: sessions run, and come first, milliseconds. */
const BUSY_MS = 20
const NEW = '.new-'

/**
 * The folder in which sessions are until the record has them, a folder each. It is one process's at a time, and has a bound: what is
 * running may fill all of it, each session its share; what begins must leave some. Files are read and written in step, by a thread that may
 * wait (src/tap/recording): a turn of the thread pool costs more than what is done in it, and its few threads are for the whole process.
 */
export class Spool {
  readonly folder: string
  readonly #maxBytes: number
  /** By folder. */
  readonly #sessions = new Map<string, number>()
  #used = 0
  #writtenAt = Number.NEGATIVE_INFINITY
  /** Less of it is here than before. */
  #less = Promise.withResolvers<void>()
  /** How often the record has taken something, and how often it had when a session waited for it in vain. */
  #taken = 0
  #takenInVain = -1

  private constructor(folder: string, maxBytes: number) {
    this.folder = folder
    this.#maxBytes = maxBytes
  }

  static async open(folder: string, maxBytes: number): Promise<Spool> {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const spool = new Spool(folder, maxBytes)
    for (const name of readdirSync(folder)) {
      // Broken off while it was made: nobody was told that it is there.
      if (name.startsWith(NEW)) rmSync(join(folder, name), { recursive: true, force: true })
    }
    for (const session of spool.sessions()) spool.grow(session, spool.sizeOf(session))
    return spool
  }

  get used(): number {
    return this.#used
  }

  /** What should not wait to be brought away: a session has its share before long. */
  get much(): number {
    return Math.min(MUCH_BYTES, this.#shareBytes / 4)
  }

  /** Folders of sessions, whole ones alone. */
  sessions(): readonly string[] {
    const found = readdirSync(this.folder, { withFileTypes: true })
    const folders = found.filter(one => one.isDirectory() && !one.name.startsWith(NEW))
    return folders.map(({ name }) => join(this.folder, name))
  }

  /** Makes the folder of a session with its head in it, both or none. Throws when there is no room, or it is there. */
  begin(auditId: string, head: string): string {
    if (this.#used + SESSION_BYTES > this.#maxBytes * (1 - RESERVE)) throw full()
    const name = hash('sha256', auditId, 'hex').slice(0, 40)
    const [making, made] = [join(this.folder, NEW + name), join(this.folder, name)]
    try {
      mkdirSync(making, { mode: 0o700 })
      writeFileSync(join(making, HEAD), head, { mode: 0o600 })
      // Over a folder that has something in it, it fails.
      renameSync(making, made)
    } catch (error) {
      rmSync(making, { recursive: true, force: true })
      throw new SessionError('broken', `the spool does not take session ${auditId} (${codeOf(error)})`, error)
    }
    this.grow(made, SESSION_BYTES)
    return made
  }

  /** Takes room for more of a session. Throws when there is none, or the session has its share. */
  claim(session: string, bytes: number): void {
    const ofSession = (this.#sessions.get(session) ?? 0) + bytes
    if (this.#used + bytes > this.#maxBytes || ofSession > this.#shareBytes) throw full()
    this.#writtenAt = performance.now()
    this.grow(session, bytes)
  }

  /**
   * Resolves when a session may be told that what it wrote is kept: at once, but where it writes faster than the record takes it, which
   * would end it before long. A record that takes nothing is waited for once.
   */
  async eased(session: string): Promise<void> {
    const [late, before] = [performance.now() + WAITS_MS, this.#taken]
    while (this.#taken !== this.#takenInVain && this.#hasMuch(session)) {
      const left = late - performance.now()
      if (left > 0) await this.#lessWithin(left)
      else if (this.#taken === before) this.#takenInVain = before
      else return
    }
  }

  /** The record has so much of it. */
  taken(session: string, bytes: number): void {
    this.#taken += 1
    this.grow(session, -bytes)
  }

  /** Sessions write right now, and there is room for more. */
  get isBusy(): boolean {
    return performance.now() - this.#writtenAt < BUSY_MS && this.#used < this.#maxBytes * WAITS_AT
  }

  #hasMuch(session: string): boolean {
    const ofSession = this.#sessions.get(session) ?? 0
    return ofSession > this.#shareBytes * WAITS_AT || this.#used > this.#maxBytes * WAITS_AT
  }

  async #lessWithin(ms: number): Promise<void> {
    const timeout = new AbortController()
    const { signal } = timeout
    await Promise.race([this.#less.promise, wait(ms, undefined, { signal, ref: false }).catch(() => undefined)])
    timeout.abort()
  }

  get #shareBytes(): number {
    return Math.max(LEAST_SHARE_BYTES, this.#maxBytes * SHARE)
  }

  /** Counts what is there whether there is room or not. */
  grow(session: string, bytes: number): void {
    this.#sessions.set(session, (this.#sessions.get(session) ?? 0) + bytes)
    this.#used += bytes
    if (bytes >= 0) return
    this.#less.resolve()
    this.#less = Promise.withResolvers()
  }

  /** The record has all of it. */
  remove(session: string): void {
    const bytes = this.sizeOf(session)
    rmSync(session, { recursive: true, force: true })
    this.taken(session, bytes)
    this.#sessions.delete(session)
  }

  sizeOf(session: string): number {
    const counted = readdirSync(session).filter(name => segmentOf(name) !== null)
    return counted.reduce((sum, name) => sum + statSync(join(session, name)).size, SESSION_BYTES)
  }
}

export const HEAD = 'head.json'
export const ENDING = 'ending'
export const PROGRESS = 'progress'

export type SegmentState = 'open' | 'closed' | 'sealed'

/** `7.open` is being written, `7.closed` is whole, `7.sealed` is the chunk that the record gets. */
export function segmentFile(session: string, n: number, state: SegmentState): string {
  return join(session, `${n}.${state}`)
}

export function segmentOf(name: string): { readonly n: number; readonly state: SegmentState } | null {
  const { n, state } = /^(?<n>\d{1,9})\.(?<state>open|closed|sealed)$/.exec(name)?.groups ?? {}
  return n === undefined ? null : { n: Number(n), state: state as SegmentState }
}

/** Null where there is no such file. */
export function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** The new content or the old, whenever the process is killed. */
export function replaceFile(path: string, content: Uint8Array): void {
  try {
    writeFileSync(`${path}.new`, content, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch (error) {
    // Of a disk that is full it would take the last bytes.
    rmSync(`${path}.new`, { force: true })
    throw error
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}

function full(): SessionError {
  return new SessionError('full', 'the spool of recorded sessions is full: the record does not take them')
}
