import module from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { isOwnFolder, makeFolder } from './own-folder.ts'

/**
 * Lets Node keep what it compiled, for a program that kubectl starts for every command spends most of its time on that. What is kept runs:
 * only where nobody but our user and root can change anything, up to the root. Elsewhere, as in a pod, nothing is kept.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  // Node's own variables were heeded before us.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'leasegate', 'compiled')
  try {
    if (!isAbsolute(folder) || !isOwnFolder(folder)) return
    makeFolder(folder)
    // Node.js 20 has no such thing.
    if (isOwnFolder(folder)) module.enableCompileCache?.(folder)
  } catch {
    // A home that is away or read-only: it works without.
  }
}
