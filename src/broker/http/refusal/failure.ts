import { RedisError, whyUnfit } from '../../../redis/redis-error.ts'
import type { Logger } from '../../../support/logger.ts'
import { StatusError } from './status.ts'

/** What broke is for the log; the client learns that it may try again, and of what was done in a part of the store that it was. */
export function failureOf(error: unknown, log: Pick<Logger, 'error'>): StatusError {
  if (error instanceof StatusError) return error
  log.error({ err: error }, 'request failed')
  const isHalfDone = error instanceof RedisError && error.code === 'half-done'
  const why = isHalfDone ? error.message : whyUnfit(error)
  return new StatusError(503, why ?? 'the broker could not do this now; try again', 1)
}
