import { lstatSync } from 'node:fs'
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
