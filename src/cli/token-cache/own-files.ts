import { fstatSync, lstatSync, readFileSync, rmSync } from 'node:fs'
import { isOwnFolder } from '../../support/process/own-folder.mjs'

const OTHERS = 0o077
/** Of a token and of some thousand processes that had it. */
const MAX_BYTES = 65_536

/** This user's, and closed to everybody else. */
export function isPrivateFolder(folder: string): boolean {
  try {
    return isPrivate(lstatSync(folder)) && isOwnFolder(folder)
  } catch {
    return false
  }
}

/** Of an open file, '' for one that others have to do with. */
export function textOf(open: number): string {
  const stat = fstatSync(open)
  const isFit = stat.isFile() && isPrivate(stat) && stat.size <= MAX_BYTES
  return isFit ? readFileSync(open, 'utf8') : ''
}

/** As far as it can be. */
export function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // A home that has become read-only, or no folder.
  }
}

function isPrivate({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.getuid?.() && (mode & OTHERS) === 0
}
