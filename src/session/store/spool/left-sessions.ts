import type { Logger } from '../../../support/logger.ts'
import type { SessionKeys } from '../keys/session-keys.ts'
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

  static async end(folders: readonly string[], keys: SessionKeys, log: Logger): Promise<LeftSessions> {
    const left = new LeftSessions(folders, keys, log)
    await left.#endAll()
    return left
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#folders.clear()
  }

  async #endAll(): Promise<void> {
    for (const session of this.#folders) {
      await takeOver(session, this.#keys).then(
        was => {
          this.#folders.delete(session)
          if (was) this.#log.info({ session }, 'a recorded session was left running; it has ended')
        },
        err => this.#failed(session, err),
      )
    }
    if (this.#folders.size === 0) return
    this.#timer = setTimeout(() => void this.#endAll(), AGAIN_MS)
    this.#timer.unref()
  }

  /** Once for each. */
  #failed(session: string, err: Error): void {
    if (this.#told.has(session)) return
    this.#told.add(session)
    this.#log.error({ err, session }, 'a recorded session that was left running cannot be ended yet')
  }
}
