import type { Logger } from '../../../support/logger.ts'
import type { Clock } from '../../../support/time/clock.ts'

const LINES_A_MINUTE = 20
const MINUTE_MS = 60_000

/** Logs refused tokens, a few lines a minute; the rest is counted, so that nobody outside can fill the log. */
export function refusalLog(log: Logger, clock: Clock): (reason: string, detail: string) => void {
  let minuteEnd = 0
  let refusals = 0
  return (reason, detail) => {
    const now = clock()
    if (now >= minuteEnd) {
      if (refusals > LINES_A_MINUTE) log.warn({ refusals }, 'tokens refused within a minute')
      minuteEnd = now + MINUTE_MS
      refusals = 0
    }
    refusals += 1
    if (refusals <= LINES_A_MINUTE) log.warn({ reason, detail }, 'token refused')
  }
}
