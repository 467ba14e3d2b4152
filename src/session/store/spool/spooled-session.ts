import { closeSync, ftruncateSync, openSync, renameSync } from 'node:fs'
import type { SessionEvent } from '../../recording/session-event.ts'
import type { OpenSession } from '../../recording/session-sink.ts'
import { toChunk } from '../chunk.ts'
import { inPieces, sizeOf, toBytes } from '../event-bytes.ts'
import { SessionError } from '../session-error.ts'
import { writeEnding } from './ending.ts'
import { lengthOf, toFrame, toLastFrame } from './frames.ts'
import { codeOf, replaceFile, type Spool, segmentFile } from './spool.ts'
import { toFile, writeAll } from './write-all.ts'

/** A segment is closed when it has so many bytes: 256 KiB before compression. */
const SEGMENT_BYTES = 256 * 1024
/** Larger than any message of the protocols; what a reader unpacks at once has to have an end. */
const MOST_BYTES = 32 * 2 ** 20
/** Events are sealed as soon as they stand in it. Memory that is new for each piece keeps the garbage collector busy (docs/sessions.md). */
const ROOM = Buffer.alloc(2 * SEGMENT_BYTES)

interface Home {
  readonly spool: Spool
  /** Its folder. */
  readonly folder: string
  readonly auditId: string
  readonly key: Buffer
}

interface Segment {
  readonly descriptor: number
  bytes: number
  frames: number
}

/**
 * A session that is being written, a segment after the other. What comes while the disk is busy is written together, in one frame. After
 * the first write that fails nothing more is taken: a recording has no holes.
 */
export class SpooledSession implements OpenSession {
  readonly #home: Home
  #waiting: SessionEvent[] = []
  #next: Promise<void> | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #segment: Segment | null = null
  #segments = 0
  #state: 'running' | 'ending' | SessionError = 'running'

  constructor(home: Home) {
    this.#home = home
  }

  async append(events: readonly SessionEvent[]): Promise<void> {
    if (this.#state === 'ending') throw new SessionError('broken', `session ${this.#home.auditId} has ended`)
    if (this.#state !== 'running') throw this.#state
    if (events.length === 0) return
    if (events.some(({ bytes }) => bytes.length > MOST_BYTES)) {
      throw new SessionError('broken', `session ${this.#home.auditId} has an event that is too large`)
    }
    this.#waiting.push(...events)
    this.#next ??= this.#inTurn(() => this.#flush())
    await this.#next
    await this.#home.spool.eased(this.#home.folder)
  }

  /** Closes what was written for a while, so that the record gets it. */
  async turnSegment(): Promise<void> {
    await this.#inTurn(() => this.#close())
  }

  /** What was appended before is in it. Rejects when the disk does not take it; it may be tried again. */
  async end({ at, why }: { readonly at: string; readonly why: string }): Promise<void> {
    if (this.#state === 'running') this.#state = 'ending'
    const { folder, auditId, key } = this.#home
    await this.#inTurn(() => {
      this.#close()
      try {
        writeEnding(folder, auditId, key, { at, why, segments: this.#segments })
      } catch (error) {
        throw this.#failed(error)
      }
    })
  }

  /** For a process that stops: what was written stays, for the next one to end. */
  async leave(): Promise<void> {
    await this.#inTurn(() => {
      if (this.#segment !== null) closeSync(this.#segment.descriptor)
    })
  }

  #inTurn(act: () => void): Promise<void> {
    const done = this.#turn.then(act)
    this.#turn = done.catch(() => {})
    return done
  }

  #flush(): void {
    const pieces = inPieces(this.#waiting, SEGMENT_BYTES)
    this.#waiting = []
    this.#next = null
    // Of those that came while the one before failed.
    if (this.#state instanceof SessionError) throw this.#state
    try {
      for (const events of pieces) this.#add(events)
    } catch (error) {
      this.#state = this.#failed(error)
      throw this.#state
    }
  }

  #add(events: readonly SessionEvent[]): void {
    if (sizeOf(events) >= SEGMENT_BYTES) this.#addChunk(events)
    else this.#addFrame(events)
  }

  #addFrame(events: readonly SessionEvent[]): void {
    this.#segment ??= this.#open()
    const segment = this.#segment
    this.#write(segment, toFrame(this.#place, segment.frames, toBytes(events, ROOM)))
    segment.frames += 1
    if (segment.bytes >= SEGMENT_BYTES) this.#close()
  }

  /** What is a segment by itself is made the chunk at once that it will be: a file that need not be read again. */
  #addChunk(events: readonly SessionEvent[]): void {
    if (this.#segment !== null) this.#close()
    const { spool, folder } = this.#home
    const chunk = toChunk(this.#home.key, { ...this.#place, kind: 'events' }, toBytes(events, ROOM))
    spool.claim(folder, chunk.length)
    try {
      replaceFile(segmentFile(folder, this.#segments, 'sealed'), chunk)
    } catch (error) {
      spool.grow(folder, -chunk.length)
      throw error
    }
    this.#segments += 1
  }

  #open(): Segment {
    const descriptor = openSync(segmentFile(this.#home.folder, this.#segments, 'open'), 'ax', 0o600)
    return { descriptor, bytes: 0, frames: 0 }
  }

  #close(): void {
    const segment = this.#segment
    if (segment === null) return
    const { folder, spool } = this.#home
    const last = toLastFrame(this.#place, segment.frames)
    try {
      // It has to be closed however little room there is.
      spool.grow(folder, lengthOf(last))
      this.#write(segment, last, 'counted')
      renameSync(segmentFile(folder, this.#segments, 'open'), segmentFile(folder, this.#segments, 'closed'))
    } catch (error) {
      throw this.#failed(error)
    }
    this.#segment = null
    this.#segments += 1
    closeSync(segment.descriptor)
  }

  /** All of it, or nothing: half a frame would hide what comes after it. */
  #write(segment: Segment, frame: readonly Buffer[], room: 'counted' | 'claimed' = 'claimed'): void {
    const { spool, folder } = this.#home
    const bytes = lengthOf(frame)
    if (room === 'claimed') spool.claim(folder, bytes)
    try {
      writeAll(toFile(segment.descriptor), frame)
    } catch (error) {
      spool.grow(folder, -bytes)
      cut(segment)
      throw error
    }
    segment.bytes += bytes
  }

  get #place() {
    const { key, auditId } = this.#home
    return { key, auditId, n: this.#segments }
  }

  #failed(error: unknown): SessionError {
    if (error instanceof SessionError) return error
    return new SessionError('broken', `session ${this.#home.auditId} cannot be written (${codeOf(error)})`, error)
  }
}

/** Where it cannot be, the next process does it, when it ends what we left. */
function cut({ descriptor, bytes }: Segment): void {
  try {
    ftruncateSync(descriptor, bytes)
  } catch {
    // Nothing is written behind it any more.
  }
}
