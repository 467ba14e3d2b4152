import fc from 'fast-check'
import { arbitraryRequest, arbitrarySelection } from '../request/arbitrary-request.ts'
import { assertSameReading, shareRead } from '../request/differential/differential.ts'
import { GoOracle } from '../support/programs/go-oracle.ts'

const LEAST_READ = 0.7

/** How many requests, and the seed to repeat a run with. */
const [numRuns = 100_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)

const requests = fc.oneof({ weight: 3, arbitrary: arbitraryRequest }, { weight: 1, arbitrary: arbitrarySelection })

console.log(`${numRuns} generated requests, seed ${seed}`)
const oracle = await GoOracle.start()
try {
  const counts = await assertSameReading(oracle, requests, { seed, numRuns })
  console.log(`${counts.same} read as the API server reads them, ${counts.refused} refused, none read otherwise`)
  if (shareRead(counts) < LEAST_READ) throw new Error('too few were read to prove anything')
} finally {
  await oracle.stop()
}
