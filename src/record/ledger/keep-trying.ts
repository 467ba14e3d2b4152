import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../../support/logger.ts'

export interface Rounds {
  /** Seconds since it last went well; 0 while it does. */
  failingSeconds(): number
  /** Once more, and then no more; within this time. */
  stop(withinMs: number): Promise<void>
}

export interface RoundsWords {
  /** What is said when it begins to fail, and when it goes well again. */
  readonly failed: string
  readonly again: string
}

const EVERY_MS = 60_000

/** Does something once a minute beside the signing, which never waits for it. What failed is tried again, and told of once. */
export function keepTrying(
  act: (signal: AbortSignal) => Promise<void>,
  words: RoundsWords,
  log: Logger,
  everyMs = EVERY_MS,
): Rounds {
  const stopping = new AbortController()
  let failingSince: number | null = null
  const rounds = go()
  return {
    failingSeconds: () => (failingSince === null ? 0 : Math.round((Date.now() - failingSince) / 1000)),
    stop: async withinMs => {
      stopping.abort()
      const late = AbortSignal.timeout(Math.max(1, withinMs))
      // What hangs is not waited for: it is made up by the next start.
      await Promise.race([
        rounds.then(() => once(late)),
        new Promise(resolve => late.addEventListener('abort', resolve)),
      ])
    },
  }

  async function go(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once(stopping.signal)
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function once(signal: AbortSignal): Promise<void> {
    try {
      await act(signal)
      if (failingSince !== null) log.info(words.again)
      failingSince = null
    } catch (err) {
      if (signal.aborted) return
      if (failingSince === null) log.error({ err }, words.failed)
      failingSince ??= Date.now()
    }
  }
}
