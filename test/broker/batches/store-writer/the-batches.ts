import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { askedTogether, storeWriter } from '../../a-store-writer.ts'
import { applying, BatchWorld, type Planned } from '../a-batch-world.ts'

export let world: BatchWorld
export let lease: string
let names = 0
export const fresh = () => applying(`box-${names++}`)

beforeAll(async () => {
  world = await BatchWorld.start()
})
afterAll(() => world?.stop())
afterEach(() => world.clear())
beforeEach(async () => {
  world.broker.aheadMs += 60_000
  lease = await world.lease()
})

export const { hack, field, copied } = storeWriter(() => world)
export const asked = (requests: readonly Planned[], under = lease) => askedTogether(world, under, requests)
