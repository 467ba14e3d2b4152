import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GoOracle } from '../../support/go-oracle.ts'
import { assertSameBodies } from './body-differential.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const BUILDING_MS = 600_000

let oracle: GoOracle

beforeAll(async () => {
  console.log(`seed of the generated bodies: ${seed}`)
  oracle = await GoOracle.start()
}, BUILDING_MS)

afterAll(() => oracle.stop())

describe('readObject', () => {
  test('reads generated bodies as the API server decodes them, or not at all', async () => {
    const counts = await assertSameBodies(oracle, { seed, numRuns: 6000 })
    // Reading nothing would agree too.
    expect(counts.same / (counts.same + counts.unreadable + counts.undecoded)).toBeGreaterThan(0.3)
  })
})
