import { lstatSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

const OTHERS_WRITE = 0o022
const STICKY = 0o1000

/**
 * Lets Node keep what it compiled, for a program that kubectl starts for every command spends most of its time on that. What is kept runs:
 * only where nobody but our user and root can change anything, up to the root. Elsewhere, as in a pod, nothing is kept.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  // Node's own variables were heeded before us.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'leasegate', 'compiled')
  try {
    if (!isAbsolute(folder) || !isOurs(folder)) return
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Node.js 20 has no such thing.
    if (isOurs(folder)) module.enableCompileCache?.(folder)
  } catch {
    // A home that is away or read-only: it works without.
  }
}

/** As far as it is there: it and all folders above. Where others may write, as in /tmp, what they cannot rename is ours still. */
function isOurs(folder: string): boolean {
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
