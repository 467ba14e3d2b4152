import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Copy, type CopyReader, nameOf, parseCopyName } from './copy.ts'

/** What somebody fetched from the second place, under the names that it has there. */
export function folderCopies(folder: string): CopyReader {
  return { list, read: copy => readFile(join(folder, nameOf(copy)), 'utf8') }

  async function* list(): AsyncGenerator<Copy> {
    for (const ledger of await foldersIn(folder)) {
      for (const day of await foldersIn(join(folder, ledger))) {
        for (const file of await readdir(join(folder, ledger, day))) {
          const copy = parseCopyName(`${ledger}/${day}/${file}`, null)
          if (copy !== null) yield copy
        }
      }
    }
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true })
  return found.filter(one => one.isDirectory()).map(one => one.name)
}
