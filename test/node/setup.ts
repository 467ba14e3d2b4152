import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { randomNames } from '../../local/edition/names.ts'
import { startNode } from '../../local/node/node.ts'
import { installProduct } from '../../local/node/product/product.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { ensureHelm } from '../../local/toolchain/helm.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { shellTemplate } from './shell-template.ts'

const report = (line: string) => void process.stdout.write(`${line}\n`)

/** One node with the product on it, for all files of this folder. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const toolchain = await ensureToolchain(report)
  const helm = await ensureHelm(report)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const endings: (() => Promise<void>)[] = []
  const stop = async () => {
    await supervisor.stop()
    for (const putAway of endings) await putAway()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const atEnd = (putAway: () => Promise<void>) => void endings.unshift(putAway)
    const node = await startNode({ toolchain, directory, supervisor, atEnd, report })
    const names = randomNames()
    const product = await installProduct({ node, helm, directory, names, templates: [shellTemplate(names)], report })
    const { images, adminKubeconfig, auditLog, server, caFile, place, kubectl } = node
    const { valuesFile, agent, people } = product
    provide('node', { pid: place.pid, kubectl, images, adminKubeconfig, auditLog, server, caFile })
    provide('product', { names, valuesFile, agent, people, helm, directory })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
