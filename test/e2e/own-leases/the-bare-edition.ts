import { afterAll, beforeAll } from 'vitest'
import { anEdition, type TestEdition } from '../an-edition.ts'

/** One without a lease, for all that `own-leases.test.ts` has. */
export let playing: TestEdition

beforeAll(async () => {
  playing = await anEdition()
})
afterAll(() => playing?.stop())
