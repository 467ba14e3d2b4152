import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { isUsable, type KeptToken, parseKept } from './kept-token.ts'
import { isPrivateFolder, textOf } from './own-files.ts'
import type { Place } from './place.ts'

const { O_RDWR, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * What is kept there, for the process `asker`; null where there is nothing to be used. Each process gets it once: client-go asks again within
 * its time only when the boundary has refused it (401), and does not say so.
 */
export function readKept({ folder, file, lease }: Place, asker: number, now: number): KeptToken | null {
  if (!isPrivateFolder(folder)) return null
  try {
    // Also for what was put there by us alone, a link or a pipe is not followed, or waited for.
    const open = openSync(file, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
    try {
      const [first = '', ...had] = textOf(open).split('\n')
      const kept = had.includes(String(asker)) ? null : parseKept(first)
      if (kept === null || !isUsable(kept, lease, now)) return null
      writeSync(open, `${asker}\n`)
      return kept
    } finally {
      closeSync(open)
    }
  } catch {
    return null
  }
}
