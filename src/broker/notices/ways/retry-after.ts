import type { HttpAnswer } from '../../../support/net/http-call.ts'
import { NotReachedError } from '../notifier.ts'

/** Whoever asks for longer is asked again all the same: a question does not wait for an hour. */
const LONGEST_MS = 300_000

/** For an answer that is no yes. Of dates (RFC 9110) nothing is made: both Slack and those who copied it send seconds. */
export function notTaken(who: string, { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): NotReachedError {
  const seconds = /^\d{1,9}$/.exec(headers['retry-after'] ?? '')?.[0]
  const againMs = seconds === undefined ? null : Math.min(Number(seconds) * 1000, LONGEST_MS)
  return new NotReachedError(`${who} answered with status ${status}`, againMs)
}
