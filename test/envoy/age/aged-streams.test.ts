import { describe, test } from 'vitest'
import { ageStreams } from './age-streams.ts'

const AGES = [70, 360]

/**
 * Those of one age at once: they wait most of the time. Not all of them: each Envoy takes four inotify instances, and Linux gives a user
 * 128. Older ones are among the long runs.
 */
describe('Envoy outlives streams of every kind, however they end', () => {
  describe.each(AGES)('%i s old', seconds => {
    for (const busy of [false, true]) {
      test.concurrent(`while ${busy ? 'much' : 'nothing'} else runs`, { timeout: 2 * (seconds * 1000 + 240_000) }, () =>
        ageStreams({ seconds, busy }),
      )
    }
  })
})
