import { setTimeout as wait } from 'node:timers/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Logger } from '../../support/logger.ts'
import { countMinutes } from './count-minutes.ts'

export interface Counting {
  /** Resolves when the round that runs is over. */
  stop(): Promise<void>
}

const EVERY_MS = 15_000

/** Counts minutes as they settle. What fails is tried again in the next round: until then questions take longer, no more. */
export function keepCounting(
  writer: ClickHouseClient,
  cluster: string | null,
  log: Logger,
  everyMs = EVERY_MS,
): Counting {
  const stopping = new AbortController()
  const rounds = count()
  return {
    stop: async () => {
      stopping.abort()
      await rounds
    },
  }

  async function count(): Promise<void> {
    while (!stopping.signal.aborted) {
      const counted = await countMinutes(writer, { cluster }).catch(err => {
        log.warn({ err }, 'minutes could not be counted')
        return 0
      })
      // After a long stop there is more than one round's worth of them.
      if (counted === 0) await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
}
