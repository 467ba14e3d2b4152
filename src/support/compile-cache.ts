import { lstatSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const OTHERS_WRITE = 0o022

/**
 * Lets Node keep what it compiled, for a program that kubectl starts for every command spends most of its time on that. Only in a folder
 * that nobody but our user can write: what is in there runs. Where there is none, such as in a pod, nothing is kept.
 */
export function keepCompiled(env: NodeJS.ProcessEnv): void {
  // Node's own variables were heeded before us.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'leasegate', 'compiled')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (isOurs(folder)) enableCompileCache(folder)
  } catch {
    // A home that is away or read-only: it works without.
  }
}

function isOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder)
  return uid === process.getuid?.() && (mode & OTHERS_WRITE) === 0
}
