import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GoOracle } from '../../support/programs/go-oracle.ts'
import { anHttpRequest } from '../a-http-request.ts'
import { arbitraryRequest, arbitrarySelection } from '../arbitrary-request.ts'
import { assertSameReading, compare, shareRead } from './differential.ts'
import { READ, split } from './vectors.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const BUILDING_MS = 600_000

let oracle: GoOracle

beforeAll(async () => {
  console.log(`seed of the generated requests: ${seed}`)
  oracle = await GoOracle.start()
}, BUILDING_MS)

afterAll(() => oracle.stop())

describe('readAnywhere', () => {
  test.each(READ)('reads $request as the API server does', async ({ request }) => {
    const http = anHttpRequest(split(request))
    expect(compare(http, await oracle.ask(http))).toBe('same')
  })

  test.each([
    { name: 'requests', given: arbitraryRequest, numRuns: 5000 },
    { name: 'selections', given: arbitrarySelection, numRuns: 3000 },
  ])('reads generated $name as the API server does, or refuses them', async ({ given, numRuns }) => {
    const counts = await assertSameReading(oracle, given, { seed, numRuns })
    // Refusing everything would agree too.
    expect(shareRead(counts)).toBeGreaterThan(0.7)
  })
})
