import { constants, setPriority } from 'node:os'
import { ensureImages } from '../node/images/ensure-images.ts'
import { takeImageFolder } from '../node/images/image-folder.ts'
import { ensureNodeTools } from '../toolchain/node-tools.ts'
import { ensureToolchain } from '../toolchain/toolchain.ts'

/** The images of a real node, from what other tests leave of the machine. A process of its own, for its priority and that of all it starts. */
setPriority(constants.priority.PRIORITY_LOW)
const report = (line: string) => void process.stdout.write(`${line}\n`)
const [toolchain, tools] = [await ensureToolchain(report), await ensureNodeTools(report)]
const { folder, giveBack } = await takeImageFolder(() => report('waiting for another process that has the images'))
try {
  await ensureImages({ toolchain, tools, folder, report })
} catch (error) {
  report(`${error instanceof Error ? error.message : String(error)}; the node's tests try again`)
  process.exitCode = 1
} finally {
  await giveBack()
}
