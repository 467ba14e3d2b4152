import { assertSameBodies } from '../request/object/differential/body-differential.ts'
import { GoOracle } from '../support/programs/go-oracle.ts'

/** How many bodies, and the seed to repeat a run with. */
const [numRuns = 100_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)

console.log(`${numRuns} generated bodies, seed ${seed}`)
const oracle = await GoOracle.start()
try {
  const { same, unreadable, undecoded } = await assertSameBodies(oracle, { seed, numRuns })
  const counted = `${same} read as the API server decodes them, ${unreadable} not read, ${undecoded} an error there`
  console.log(`${counted}, none read otherwise`)
} finally {
  await oracle.stop()
}
