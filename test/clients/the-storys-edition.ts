import { afterAll, beforeAll } from 'vitest'
import { STORY_NAMES } from '../../local/edition/names.ts'
import { anEdition, type TestEdition } from '../e2e/an-edition.ts'

/** One with the names that pages have, for all that `storys-names.test.ts` has. */
export let playing: TestEdition

beforeAll(async () => {
  playing = await anEdition({ names: STORY_NAMES })
}, 600_000)
afterAll(() => playing?.stop())
