import { closeSync, constants, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../../config/read-config.ts'
import { type KeptToken, parseKept } from './kept-token.ts'
import { isPrivateFolder, remove, textOf } from './own-files.ts'
import { folderOf, type Place } from './place.ts'

/** Takes away what this user has kept of leases. What cannot be taken away is of no more use than the lease. */
export function forgetTokens(env: Environment, which: (kept: KeptToken) => boolean): void {
  const folder = folderOf(env)
  if (folder === null || !isPrivateFolder(folder)) return
  for (const file of filesOf(folder)) {
    const kept = parseKept(firstLineOf(file))
    if (kept !== null && which(kept)) remove(file)
  }
}

/** Of one question. */
export function forgetPlace({ folder, file }: Place): void {
  if (isPrivateFolder(folder)) remove(file)
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map(name => join(folder, name))
  } catch {
    return []
  }
}

function firstLineOf(file: string): string {
  try {
    const open = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return textOf(open).split('\n')[0] ?? ''
    } finally {
      closeSync(open)
    }
  } catch {
    return ''
  }
}
