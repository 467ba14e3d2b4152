import { afterAll, beforeAll } from 'vitest'
import { aChartCluster, type ChartCluster } from './a-chart-cluster.ts'

/** One for all that a `.test.ts` of this folder imports, once that has called `withCluster`. */
export let world: ChartCluster

/** Called by each file of tests: a worker reads this module once for all of its files. */
export function withCluster(): void {
  beforeAll(async () => {
    world = await aChartCluster()
  }, 900_000)
  afterAll(() => world?.stop())
}
