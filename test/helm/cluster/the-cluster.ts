import { afterAll, beforeAll } from 'vitest'
import { aChartCluster, type ChartCluster } from './a-chart-cluster.ts'

/** One for all that a `.test.ts` of this folder imports. */
export let world: ChartCluster

beforeAll(async () => {
  world = await aChartCluster()
}, 900_000)
afterAll(() => world?.stop())
