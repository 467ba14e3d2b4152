import fc from 'fast-check'
import { arbitraryRequest, arbitrarySelection } from '../request/arbitrary-request.ts'
import { compare } from '../request/disagreement.ts'
import { GoOracle } from '../support/go-oracle.ts'

/** How many requests, and the seed to repeat a run with. */
const [runs = 100_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
const AT_ONCE = 1000
const LEAST_READ = 0.6

console.log(`${runs} generated requests, seed ${seed}`)
const oracle = await GoOracle.start()
const counts = { same: 0, refused: 0 }
const agree = fc.asyncProperty(
  fc.array(fc.oneof({ weight: 3, arbitrary: arbitraryRequest }, { weight: 1, arbitrary: arbitrarySelection }), {
    minLength: AT_ONCE,
    maxLength: AT_ONCE,
    // Long batches are wanted; shrinking to one request is done by the elements alone.
    size: 'max',
  }),
  async requests => {
    const answers = await oracle.askAll(requests)
    for (const [at, http] of requests.entries()) {
      const answer = answers[at]
      if (answer === undefined) throw new Error('fewer answers than requests')
      const compared = compare(http, answer)
      if (compared.kind === 'different') throw new Error(compared.why)
      counts[compared.kind] += 1
    }
  },
)
try {
  await fc.assert(agree, { seed, numRuns: Math.ceil(runs / AT_ONCE), endOnFailure: true, verbose: 0 })
  const share = counts.same / (counts.same + counts.refused)
  console.log(`${counts.same} read as the API server reads them, ${counts.refused} refused, 0 read otherwise`)
  if (share < LEAST_READ)
    throw new Error(`only ${Math.round(share * 100)} % were read: the generator proves too little`)
} finally {
  await oracle.stop()
}
