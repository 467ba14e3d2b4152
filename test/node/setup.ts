import type { TestProject } from 'vitest/node'
import { startNodeWithProduct } from './start.ts'

/** One node with the product on it, for all files of this folder. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { node, product, helm, directory, stop } = await startNodeWithProduct({ readyAtOnce: true })
  const { images, adminKubeconfig, auditLog, server, caFile, place, kubectl } = node
  const { names, valuesFile, agent, people, readyMs } = product
  provide('node', { pid: place.pid, kubectl, images, adminKubeconfig, auditLog, server, caFile })
  provide('product', { names, valuesFile, agent, people, readyMs, helm, directory })
  return stop
}
