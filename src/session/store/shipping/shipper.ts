import { setImmediate as others, setTimeout as wait } from 'node:timers/promises'
import { RecordError, type RecordSink } from '../../../record/record-sink.ts'
import type { Logger } from '../../../support/logger.ts'
import type { SessionKeys } from '../keys/session-keys.ts'
import type { Spool } from '../spool/spool.ts'
import { type CommandsRule, type Load, OutboundSession } from './outbound-session.ts'

/** Of chunks in one insert, of all sessions together. */
const LOAD_BYTES = 4 * 2 ** 20
const EVERY_MS = 1000
/** At how much has come since, in a pause. */
const LOOK_MS = 100
const GIVES_WAY_MS = 5
const BACKOFF_MS = [200, 10_000] as const
/** After how many pauses a session is tried again of which the record takes no row. */
const REFUSED_PAUSES = 60

export interface ShipperParts {
  readonly spool: Spool
  readonly keys: SessionKeys
  readonly sink: RecordSink
  readonly log: Logger
  readonly everyMs?: number
  /** Whether commands that were typed become rows of their own, masked, or stay within the seal. */
  readonly commands?: CommandsRule
}

export interface ShipperStatus {
  readonly chunksWritten: number
  readonly failedWrites: number
  /** Since when no insert goes well, epoch milliseconds; null while they do. */
  readonly failingSince: number | null
  /** Sessions of the spool that no key here opens, that were altered, or that the record refuses. */
  readonly stuck: number
}

interface OfSession {
  readonly folder: string
  readonly load: Load
}

/**
 * Brings sessions from the spool into the record, a second after they are written. While the record is away they stay where they are. A
 * session that cannot be opened, or has a row that the record refuses, stays as well, and holds up none of the others.
 */
export class Shipper {
  readonly #parts: ShipperParts
  readonly #stopping = new AbortController()
  readonly #outbound = new Map<string, OutboundSession>()
  readonly #stuck = new Set<string>()
  /** Until when a session is left alone, by its folder: epoch milliseconds. */
  readonly #refusedUntil = new Map<string, number>()
  readonly #running: Promise<void>
  #written = 0
  #failures = 0
  #inARow = 0
  #failingSince: number | null = null
  #waitsUntil = 0

  constructor(parts: ShipperParts) {
    this.#parts = parts
    this.#running = this.#run()
  }

  get status(): ShipperStatus {
    return {
      chunksWritten: this.#written,
      failedWrites: this.#failures,
      failingSince: this.#failingSince,
      stuck: this.#stuck.size,
    }
  }

  /** Writes what is there as long as the record takes it; the rest stays in the spool. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    const round = () => this.#round().catch(() => false)
    while (await round());
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { everyMs = EVERY_MS, log } = this.#parts
    while (!signal.aborted) {
      const failedMs = await this.#round().then(
        async more => {
          if (!more) await this.#pause(everyMs)
          return 0
        },
        (err: Error) => {
          this.#failures += 1
          this.#inARow += 1
          this.#failingSince ??= Date.now()
          log.warn({ err }, 'recorded sessions cannot be written; they stay in the spool')
          const [first, most] = BACKOFF_MS
          return Math.min(first * 2 ** (this.#inARow - 1), most)
        },
      )
      await wait(failedMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Shorter where much comes: an insert costs the same however little is in it, and a spool that is full ends sessions. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping
    const { spool } = this.#parts
    const before = spool.used
    for (let waited = 0; waited < ms && !signal.aborted && spool.used - before < spool.much; waited += LOOK_MS)
      await wait(Math.min(LOOK_MS, ms), undefined, { signal }).catch(() => {})
  }

  /** The recorder, which holds up sessions, is on this thread: it comes first, as long as a round may wait for it. */
  readonly #turn = async (): Promise<void> => {
    await others()
    while (this.#parts.spool.isBusy && performance.now() < this.#waitsUntil && !this.#stopping.signal.aborted)
      await wait(GIVES_WAY_MS)
  }

  /** Whether there is more than went into one. */
  async #round(): Promise<boolean> {
    this.#waitsUntil = performance.now() + Math.min(this.#parts.everyMs ?? EVERY_MS, EVERY_MS)
    const sessions = await this.#open()
    const loads: OfSession[] = []
    let size = 0
    let hasMore = false
    for (const session of sessions) {
      // A part for each: endless output in one must not keep the others waiting.
      const mostBytes = size >= LOAD_BYTES ? 0 : LOAD_BYTES / sessions.length
      const load = await this.#loadOf(session, mostBytes)
      if (mostBytes === 0 || (load !== null && load.size >= mostBytes)) hasMore = true
      if (load === null) continue
      loads.push({ folder: session.folder, load })
      size += load.size
    }
    if (loads.length === 0) return false
    await this.#write(loads)
    return hasMore
  }

  async #loadOf(session: OutboundSession, mostBytes: number): Promise<Load | null> {
    try {
      await session.sealClosed(this.#turn)
      return mostBytes === 0 ? null : await session.next(mostBytes, this.#turn)
    } catch (err) {
      this.#parts.log.error({ err, folder: session.folder }, 'a recorded session cannot be read from the spool')
      return null
    }
  }

  async #write(loads: readonly OfSession[]): Promise<void> {
    try {
      await this.#insert(loads.map(({ load }) => load))
      for (const { folder } of loads) this.#stuck.delete(folder)
    } catch (err) {
      if (!(err instanceof RecordError) || err.code !== 'refused') throw err
      const [first] = loads
      // Which one it was is not said.
      if (loads.length > 1) for (const one of loads) await this.#write([one])
      else if (first !== undefined) this.#leave(first.folder, err)
    }
  }

  #leave(folder: string, err: Error): void {
    const { everyMs = EVERY_MS, log } = this.#parts
    log.error({ err, folder }, 'the record refuses a recorded session; it stays in the spool')
    this.#stuck.add(folder)
    this.#refusedUntil.set(folder, Date.now() + REFUSED_PAUSES * everyMs)
  }

  /** Keys, then chunks and what is derived from them, then ends: what is there of a session can be read, and one that has ended is whole. */
  async #insert(loads: readonly Load[]): Promise<void> {
    const rows = loads.flatMap(load => load.rows)
    for (const table of ['session_keys', 'session_chunks', 'session_commands', 'session_ends'] as const) {
      const ofTable = rows.filter(row => row.table === table)
      if (ofTable.length > 0) await this.#parts.sink.write(ofTable)
    }
    for (const load of loads) await load.done()
    if (this.#failingSince !== null) this.#parts.log.info('recorded sessions are written again')
    this.#written += rows.filter(({ table }) => table === 'session_chunks').length
    this.#inARow = 0
    this.#failingSince = null
  }

  async #open(): Promise<readonly OutboundSession[]> {
    const { spool, keys, log, commands } = this.#parts
    const folders = spool.sessions()
    for (const kept of [this.#outbound, this.#stuck, this.#refusedUntil])
      for (const folder of kept.keys()) if (!folders.includes(folder)) kept.delete(folder)
    for (const folder of folders.filter(one => !this.#outbound.has(one))) {
      const session = await OutboundSession.open(folder, spool, keys, commands).catch(err => {
        // Tried each time: the key may come back.
        if (!this.#stuck.has(folder)) log.error({ err, folder }, 'a recorded session cannot be brought into the record')
        this.#stuck.add(folder)
        return null
      })
      if (session === null) continue
      this.#stuck.delete(folder)
      this.#outbound.set(folder, session)
    }
    return [...this.#outbound.values()].filter(({ folder }) => (this.#refusedUntil.get(folder) ?? 0) <= Date.now())
  }
}
