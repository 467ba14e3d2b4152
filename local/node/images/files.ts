import { createHash, type Hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A digest of the names and contents of these files and folders. */
export async function digestOf(root: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) await add(hash, root, path)
  return hash.digest('hex').slice(0, 16)
}

export function digest(words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)
}

/** The paths that .dockerignore lets through. */
export async function contextPaths(root: string): Promise<readonly string[]> {
  const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n')
  return lines.filter(line => line.startsWith('!')).map(line => line.slice(1))
}

async function add(hash: Hash, root: string, path: string): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return null
    throw error
  })
  if (entries === null) {
    hash.update(`\0${path}\0`).update(await readFile(join(root, path)))
    return
  }
  const names = entries.map(({ name }) => name).sort()
  for (const name of names) await add(hash, root, join(path, name))
}
