import { readFile } from 'node:fs/promises'

/** A file's bytes as text; empty where it went away since it was listed: what an insert brings lies in a file for a moment. */
export async function readUnlessGone(file: string): Promise<string> {
  return readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}
