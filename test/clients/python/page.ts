import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

export interface Block {
  readonly language: string
  readonly text: string
}

/** The code of a page, in its order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }))
}

/** A folder that is the checkout to whoever works in it, and keeps what they write; `done` removes it. */
export async function likeACheckout(): Promise<{ readonly folder: string; readonly done: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-page-'))
  for (const name of ['package.json', 'node_modules', 'src', 'protos', 'envoy', 'docs'])
    await symlink(join(ROOT, name), join(folder, name))
  return { folder, done: () => rm(folder, { recursive: true, force: true }) }
}
