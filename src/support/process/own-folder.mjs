// In plain JavaScript, for it is loaded before anything is that Node.js kept: to read TypeScript takes as long as the rest of a short command.
import { lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

const OTHERS_WRITE = 0o022
const STICKY = 0o1000

export function isOwnFolder(folder) {
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

export function makeFolder(folder) {
  const above = dirname(folder)
  // One by one: where nothing can be made, as below /proc, Node's `recursive` goes on for ever.
  for (const one of [dirname(above), above, folder])
    if (lstatSync(one, { throwIfNoEntry: false }) === undefined) mkdirSync(one, { mode: 0o700 })
}
