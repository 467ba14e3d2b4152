import { describe, test } from 'vitest'
import { ageStreams } from './age-streams.ts'

/** Older than every time that Envoy and what is around it has by default, five minutes the longest; what is harmed by less is by this. */
const SECONDS = 360

/** Both at once: they wait most of the time, and only of that much is there room: each Envoy takes some of a user's inotify instances. */
describe('Envoy outlives streams of every kind, older than any of its times, however they end', () => {
  for (const busy of [false, true]) {
    test.concurrent(`while ${busy ? 'much' : 'nothing'} else runs`, { timeout: 2 * (SECONDS * 1000 + 240_000) }, () =>
      ageStreams({ seconds: SECONDS, busy }),
    )
  }
})
