import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomNames } from '../../local/edition/names.ts'
import { type Node, startNode } from '../../local/node/node.ts'
import { installProduct, type Product } from '../../local/node/product/product.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureHelm } from '../../local/toolchain/helm.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { quickFolder } from '../support/stores/quick-folder.ts'
import { shellTemplate } from './shell/shell-template.ts'

export interface Started {
  readonly node: Node
  readonly product: Product
  /** The program and the folder of its own. */
  readonly helm: string
  readonly directory: string
  readonly stop: () => Promise<void>
}

const report = (line: string) => void process.stdout.write(`${line}\n`)

/** A node with the product on it, under names that nothing knows. Ready at once, its parts are not to be replaced under load. */
export async function startNodeWithProduct({ readyAtOnce }: { readonly readyAtOnce: boolean }): Promise<Started> {
  const toolchain = await ensureToolchain(report)
  const helm = await ensureHelm(report)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const volumes = await quickFolder('lg-v-')
  const supervisor = new Supervisor()
  const endings: (() => Promise<void>)[] = []
  const stop = async () => {
    await supervisor.stop()
    for (const putAway of endings) await putAway()
    if (process.env['LEASEGATE_KEEP'] !== undefined) return
    for (const folder of [directory, volumes]) await rm(folder, { recursive: true, force: true })
  }
  try {
    const atEnd = (putAway: () => Promise<void>) => void endings.unshift(putAway)
    const node = await startNode({ toolchain, directory, volumes, supervisor, atEnd, report })
    const names = randomNames()
    const templates = [shellTemplate(names)]
    const product = await installProduct({ node, helm, directory, names, templates, readyAtOnce, report })
    return { node, product, helm, directory, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
