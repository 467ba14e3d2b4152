// From helm install until all pods are ready on a real node, what they use then and under load, and the image.
/**
 * The chart on a real node of this machine (Linux, root), as its README installs it: the seconds from `helm install` until all pods are ready,
 * the image as the node has it, the memory of each container idle and after a minute of reads through the boundary, and how many of those
 * were sent and failed.
 * npm run bench -- ready [requests a second; default 50]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { whyNoNode } from '../../../local/node/packages.ts'
import { whyNoRights } from '../../../local/node/rights.ts'
import { imageMb, type Used, used } from '../../node/figures.ts'
import { settled, underLoad } from '../../node/load/under-load.ts'
import { startNodeWithProduct } from '../../node/start.ts'

const PER_SECOND = Number(process.argv[2] ?? 50)
const UNDER_LOAD_MS = 60_000

const why = whyNoNode() ?? (await whyNoRights())
if (why === null) await measure()
else console.log(`not run here: ${why}`)

async function measure(): Promise<void> {
  const { node, product, stop } = await startNodeWithProduct({ readyAtOnce: false })
  try {
    console.log(
      `ready ${(product.readyMs / 1000).toFixed(1)} s after helm install; the image has ${await imageMb(node)} MB`,
    )
    const idle = await used(node)
    let busy: readonly Used[] = []
    const load = await underLoad(node, product, PER_SECOND, async () => {
      await pause(UNDER_LOAD_MS)
      busy = await used(node)
    })
    const { states } = await settled(node, product, load)
    const { sent, held, failures } = load
    console.log(`${sent} reads, ${held} a second, ${failures.length} failed, on record: ${JSON.stringify(states)}`)
    for (const { container, workingSetMb, cores } of busy) {
      const before = idle.find(each => each.container === container)?.workingSetMb ?? Number.NaN
      console.log(
        `${container.padEnd(12)} ${before} MB, under load ${workingSetMb} MB and ${cores.toFixed(2)} of a core`,
      )
    }
  } finally {
    await stop()
  }
}
