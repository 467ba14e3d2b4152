import { describe, test } from 'vitest'
import { ageStreams } from './age-streams.ts'

const AGES = [70, 360]

/** All at once: they wait most of the time. Older ones are among the long runs. */
describe.concurrent('Envoy outlives streams of every kind, however they end', () => {
  for (const seconds of AGES) {
    for (const busy of [false, true]) {
      test(
        `${seconds} s old, ${busy ? 'while much else runs' : 'while nothing else runs'}`,
        { timeout: seconds * 1000 + 240_000 },
        () => ageStreams({ seconds, busy }),
      )
    }
  }
})
