import { parentPort } from 'node:worker_threads'
import { Line } from '../../../src/tap/recording/line.ts'
import type { Order, Wish } from '../../../src/tap/recording/orders.ts'

/** A recorder's thread that wants something to be written as soon as it is there, and then only says that it is open. */
if (parentPort === null) throw new Error('this is a thread')
const line = new Line<Wish, Order>(parentPort, async ({ kind }) => {
  if (kind === 'open') await line.ask({ rows: [], name: 'hasty' })
})
