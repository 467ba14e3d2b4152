import module from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { isOwnFolder, makeFolder } from './own-folder.mjs'

/** Neither holds keys nor speaks for people. */
const KEPT = new Set(['credential', 'help', '--help', '-h', '--version', '-V'])

export function keepCompiled(command, env) {
  // Node's own variables were heeded before us.
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return
  const folder = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leasegate', 'compiled')
  try {
    if (!KEPT.has(command) || !isAbsolute(folder) || !isOwnFolder(folder)) return
    makeFolder(folder)
    // Node.js 20 has no such thing.
    if (isOwnFolder(folder)) module.enableCompileCache?.(folder)
  } catch {
    // A home that is away or read-only: it works without.
  }
}
