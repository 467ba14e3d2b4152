import { afterAll, beforeAll } from 'vitest'
import { aJudgedCluster, type JudgedCluster, SHOP } from './a-judged-cluster.ts'

/** One for all that `in-force.test.ts` has: a cluster takes longer to start than most of it. */
export let world: JudgedCluster

beforeAll(async () => {
  world = await aJudgedCluster()
  for (const account of ['web', 'api']) await world.kubectl(['create', 'serviceaccount', account, '-n', SHOP])
})
afterAll(() => world?.stop())
