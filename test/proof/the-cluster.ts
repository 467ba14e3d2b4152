import { afterAll, beforeAll } from 'vitest'
import { aProofCluster, type ProofCluster } from './verify/a-cluster.ts'

/** One for all that `one-cluster.test.ts` has. */
export let world: ProofCluster

beforeAll(async () => {
  world = await aProofCluster()
})
afterAll(() => world?.stop())
