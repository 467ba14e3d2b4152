import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { STORY_NAMES } from '../edition/names.ts'
import { type Node, startNode } from '../node/node.ts'
import { installPackages, missingPackages, whyNoNode } from '../node/packages.ts'
import { howToGoOn } from '../node/product/how-to-go-on.ts'
import { inside, insideTemplate } from '../node/product/inside.ts'
import { nodeStage } from '../node/product/node-stage.ts'
import { installProduct, type Product } from '../node/product/product.ts'
import { whyNoRights } from '../node/rights.ts'
import { STORY_WITHOUT_FILES, tellStory } from '../story/story.ts'
import { terminalTranscript } from '../story/transcript.ts'
import { cacheRoot } from '../toolchain/cache.ts'
import { ensureHelm } from '../toolchain/helm.ts'
import { ensureToolchain } from '../toolchain/toolchain.ts'
import type { Choices } from './choices.ts'
import { INTERRUPTED, type Session, session } from './session.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Starts a cluster with a real node, installs the product from its chart, tells the story from an agent's pod, and stays up unless `once`. */
export async function playNode({ once, install, keep }: Choices & { readonly kind: 'node' }): Promise<number> {
  if (install) await installMissing()
  const why = whyNoNode() ?? (await whyNoRights())
  if (why !== null) throw new Error(why)
  return session({ keep, say }, async running => {
    const told = await Promise.race([tell(running), running.interrupted])
    if (told === null) return { code: INTERRUPTED, wentWell: true }
    const wentWell = told.failed === 0
    say(wentWell ? '\nEvery step went as it should.' : `\n${told.failed} steps did not go as they should.`)
    if (once) return { code: wentWell ? 0 : 1, wentWell }
    say(howToGoOn(told.node, told.product))
    await running.interrupted
    return { code: 0, wentWell }
  })
}

async function installMissing(): Promise<void> {
  const missing = missingPackages()
  if (missing.length === 0) return
  say(`installing ${missing.join(', ')} …`)
  await mkdir(cacheRoot(), { recursive: true })
  await installPackages(join(cacheRoot(), 'packages.log'))
}

interface Told {
  readonly node: Node
  readonly product: Product
  /** The number of steps that did not go as they should. */
  readonly failed: number
}

async function tell({ directory, supervisor, atEnd }: Session): Promise<Told> {
  const toolchain = await ensureToolchain(say)
  const helm = await ensureHelm(say)
  const node = await startNode({ toolchain, directory, supervisor, atEnd, report: say })
  const templates = [insideTemplate(STORY_NAMES)]
  const product = await installProduct({
    ...{ node, helm, directory, names: STORY_NAMES, templates },
    ...{ readyAtOnce: false, report: say },
  })
  let failed = 0
  const count = ({ ok }: { readonly ok: boolean }) => {
    if (!ok) failed += 1
  }
  const stage = nodeStage(node, product, terminalTranscript(process.stdout), count)
  const test = await product.helm(['test', 'leasegate', '--timeout', '300s'])
  stage.check('helm test has no finding', test.code === 0, test.stderr)
  // The record comes last.
  await tellStory(stage, STORY_WITHOUT_FILES.toSpliced(-1, 0, inside(node, product)))
  return { node, product, failed }
}
