import { lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

const OTHERS_WRITE = 0o022
const STICKY = 0o1000

/**
 * Whether nobody but our user and root can change anything in it: it and all folders above, as far as they are there. Where others may write,
 * as in /tmp, what they cannot rename is ours still. A link among them makes it somebody's; so does Windows, which has no modes.
 */
export function isOwnFolder(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const found = lstatSync(at, { throwIfNoEntry: false })
    if (found !== undefined) {
      const mayWrite = (found.mode & OTHERS_WRITE) !== 0 && ((found.mode & STICKY) === 0 || at === folder)
      const isOfUs = found.uid === 0 || found.uid === process.getuid?.()
      if (!found.isDirectory() || !isOfUs || mayWrite) return false
    }
    if (at === dirname(at)) return true
  }
}

/**
 * Makes it and two above it, for our user alone, where there is nothing yet; throws where it cannot be. One by one: where nothing can be made,
 * as below /proc, Node's `recursive` goes on for ever.
 */
export function makeFolder(folder: string): void {
  const above = dirname(folder)
  for (const one of [dirname(above), above, folder])
    if (lstatSync(one, { throwIfNoEntry: false }) === undefined) mkdirSync(one, { mode: 0o700 })
}
