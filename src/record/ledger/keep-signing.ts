import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../../support/logger.ts'
import type { LedgerSink } from './ledger-sink.ts'

export interface Signing {
  /** Resolves when the last checkpoint is written. */
  stop(): Promise<void>
}

const EVERY_MS = 60_000

/** Signs a checkpoint once a minute, also while nothing happens: that the record was watched is on record then. And one at the end. */
export function keepSigning(sink: LedgerSink, log: Logger, everyMs = EVERY_MS): Signing {
  const stopping = new AbortController()
  const rounds = sign()
  return {
    stop: async () => {
      stopping.abort()
      await rounds
    },
  }

  async function sign(): Promise<void> {
    const once = () => sink.checkpoint().catch(err => log.error({ err }, 'no checkpoint could be signed'))
    while (!stopping.signal.aborted) {
      await once()
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
    await once()
  }
}
