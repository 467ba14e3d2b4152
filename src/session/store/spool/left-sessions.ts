import { setImmediate as others } from 'node:timers/promises'
import type { Logger } from '../../../support/logger.ts'
import type { SessionKeys } from '../keys/session-keys.ts'
import { SessionError } from '../session-error.ts'
import { takeOver } from './take-over.ts'

/** A service that opens keys may be away when we start: what cannot be ended then is tried again, as often. */
const AGAIN_MS = 10_000

/** Sessions of a process before this one. */
export class LeftSessions {
  readonly #folders: Set<string>
  readonly #told = new Set<string>()
  readonly #keys: SessionKeys
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined

  private constructor(folders: readonly string[], keys: SessionKeys, log: Logger) {
    this.#folders = new Set(folders)
    this.#keys = keys
    this.#log = log
  }

  /** They are ended while new sessions run: nobody waits for what opens their keys. */
  static end(folders: readonly string[], keys: SessionKeys, log: Logger): LeftSessions {
    const left = new LeftSessions(folders, keys, log)
    void left.#endAll()
    return left
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#folders.clear()
  }

  async #endAll(): Promise<void> {
    for (const session of [...this.#folders]) {
      // Files are read in step.
      await others()
      if (!this.#folders.has(session)) continue
      if ((await this.#end(session)) === 'unavailable') break
    }
    if (this.#folders.size === 0) return
    this.#timer = setTimeout(() => void this.#endAll(), AGAIN_MS)
    this.#timer.unref()
  }

  /** 'unavailable': what opens keys is away, for the others as well. */
  async #end(session: string): Promise<'tried' | 'unavailable'> {
    try {
      const was = await takeOver(session, this.#keys)
      this.#folders.delete(session)
      if (was) this.#log.info({ session }, 'a recorded session was left running; it has ended')
      return 'tried'
    } catch (err) {
      this.#failed(session, err)
      // If it is away for this one alone, the others come first the next time.
      if (this.#folders.delete(session)) this.#folders.add(session)
      return err instanceof SessionError && err.code === 'unavailable' ? 'unavailable' : 'tried'
    }
  }

  /** Once for each. */
  #failed(session: string, err: unknown): void {
    if (this.#told.has(session)) return
    this.#told.add(session)
    this.#log.error({ err, session }, 'a recorded session that was left running cannot be ended yet')
  }
}
