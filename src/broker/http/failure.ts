import { whyUnfit } from '../../redis/redis-error.ts'
import type { Logger } from '../../support/logger.ts'
import { StatusError } from './status.ts'

/** What broke is for the log; the client learns that nothing was done for it and may try again. */
export function failureOf(error: unknown, log: Pick<Logger, 'error'>): StatusError {
  if (error instanceof StatusError) return error
  log.error({ err: error }, 'request failed')
  const why = whyUnfit(error)
  return new StatusError(503, why ?? 'the broker could not do this now; try again', 1)
}
