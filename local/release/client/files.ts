import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { bundleWhole } from './bundle.ts'
import { kindFor } from './node-for.ts'
import { packClient } from './pack.ts'
import { makeSingle } from './single.ts'

export interface MadeFile {
  /** In the folder of the release. */
  readonly file: string
  readonly sha256: string
}

/** What is installed of the program of agents and approvers, where there are no containers. */
export interface ClientFiles {
  readonly npm: MadeFile
  /** By platform. */
  readonly single: Readonly<Record<string, MadeFile>>
}

export async function makeFiles(platforms: readonly string[], out: string): Promise<ClientFiles> {
  const npm = await made(await packClient(out))
  const whole = await bundleWhole()
  const single: Record<string, MadeFile> = {}
  for (const platform of platforms) single[platform] = await made(await makeSingle(whole, kindFor(platform), out))
  return { npm, single }
}

async function made(file: string): Promise<MadeFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { file: basename(file), sha256: hash.digest('hex') }
}
