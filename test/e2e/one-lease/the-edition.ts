import { afterAll, beforeAll } from 'vitest'
import { anEdition, type TestEdition } from '../an-edition.ts'

/** One, with a lease for a namespace of one's own, for all that `one-lease.test.ts` has. */
export let playing: TestEdition

beforeAll(async () => {
  playing = await anEdition()
  await playing.lease(playing.edition.names.own)
})
afterAll(() => playing?.stop())
