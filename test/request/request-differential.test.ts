import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GoOracle } from '../support/go-oracle.ts'
import { arbitraryRequest, arbitrarySelection } from './arbitrary-request.ts'
import { compare } from './disagreement.ts'

const SEED = Math.floor(Math.random() * 2 ** 31)
const BUILDING_MS = 600_000

let oracle: GoOracle

beforeAll(async () => {
  console.log(`seed of the generated requests: ${SEED}`)
  oracle = await GoOracle.start()
}, BUILDING_MS)

afterAll(() => oracle.stop())

describe('readAnywhere', () => {
  test.each([
    { name: 'requests', given: arbitraryRequest, numRuns: 5000, leastRead: 0.6 },
    { name: 'selections', given: arbitrarySelection, numRuns: 3000, leastRead: 0.6 },
  ])('reads generated $name as the API server does, or refuses them', async ({ given, numRuns, leastRead }) => {
    let [runs, same] = [0, 0]
    const agrees = fc.asyncProperty(given, async http => {
      const compared = compare(http, await oracle.ask(http))
      if (compared.kind === 'different') throw new Error(compared.why)
      runs += 1
      same += compared.kind === 'same' ? 1 : 0
    })
    await fc.assert(agrees, { seed: SEED, numRuns })
    expect(same / runs).toBeGreaterThan(leastRead)
  })
})
