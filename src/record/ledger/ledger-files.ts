import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Frontier, fits } from './format/tree.ts'

/**
 * A ledger is a folder, with files of each day (UTC):
 *
 *   2026-11-29.entries      the head `from SIZE ROOT…`, then a line for each leaf
 *   2026-11-29.checkpoints  signed notes, each with an empty line behind it
 *   2026-11-29.cosignatures notes as well: checkpoints with the signatures of witnesses
 *   2026-11-29.deletions    JSON lines: who had rows deleted, why, and which
 *   owner                   whose ledger it is
 *   pending                 signed lines of the insert that runs
 *   tips                    signed notes of what was entered since the last checkpoint
 *   copied                  how far its checkpoints are in the second place, where there is one
 *
 * The head is the tree as it was when the day began, so that days may be taken away when nothing of them is in the record any more.
 */
export const OWNER = 'owner'
export const PENDING = 'pending'
export const TIPS = 'tips'
export const COPIED = 'copied'

/** Deletions say who asked for them and why: whoever shall read them is given a copy. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600

export type DayFile = 'entries' | 'checkpoints' | 'deletions' | 'cosignatures'

export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Days that a ledger has such files of, oldest first. */
export async function daysOf(folder: string, kind: DayFile): Promise<readonly string[]> {
  const names = await readdir(folder)
  const days = names.map(name => /^(\d{4}-\d{2}-\d{2})\.(\w+)$/.exec(name)).filter(found => found?.[2] === kind)
  return days.map(found => found?.[1] ?? '').sort()
}

export function dayFile(folder: string, day: string, kind: DayFile): string {
  return join(folder, `${day}.${kind}`)
}

/** Text of a file, '' where there is none. */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

export function toHead({ size, roots }: Frontier): string {
  return ['from', size, ...roots.map(root => root.toString('base64url'))].join(' ')
}

/** Null for what is no head. */
export function parseHead(line: string): Frontier | null {
  const [word, size = '', ...roots] = line.split(' ')
  if (word !== 'from' || !/^(0|[1-9]\d{0,15})$/.test(size)) return null
  const hashes = roots.map(root => Buffer.from(root, 'base64url'))
  return fits(Number(size), hashes) ? new Frontier(Number(size), hashes) : null
}
