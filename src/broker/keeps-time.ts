import { describeOff } from '../redis/store/store-watch.ts'
import { steadyClock } from '../support/time/clock.ts'
import { StatusError } from './http/refusal/status.ts'
import type { BrokerParts } from './parts.ts'

const SAY_EVERY_MS = 60_000
let sayAgainAt = Number.NEGATIVE_INFINITY

/** What is given ends by our clock, so nothing is given by one that is wrong. What is taken away is taken by any. */
export function mustKeepTime({ ahead, log }: Pick<BrokerParts, 'ahead' | 'log'>): void {
  const off = describeOff(ahead())
  if (off === null) return
  // Who asks again and again does not fill the log.
  if (steadyClock() > sayAgainAt) {
    sayAgainAt = steadyClock() + SAY_EVERY_MS
    log.error({ off }, 'nothing is given: the clock of this machine and of the store differ')
  }
  throw new StatusError(
    503,
    `the clocks of the broker and of the store are too far apart, so nothing is given; what was given can be ended`,
    10,
  )
}
