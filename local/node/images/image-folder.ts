import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lock } from '../../process/lock.mjs'
import { cacheRoot } from '../../toolchain/cache.ts'

export interface ImageFolder {
  readonly folder: string
  readonly giveBack: () => Promise<void>
}

/** What is kept of images from one run to the next: the builder's store, and what the node has. One process has it at a time. */
export async function takeImageFolder(onWait: () => void): Promise<ImageFolder> {
  const folder = join(cacheRoot(), 'node')
  await mkdir(folder, { recursive: true })
  const giveBack = await lock(`${folder}.lock`, onWait)
  return { folder, giveBack }
}
