import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { lock } from '../process/lock.mjs'

/** One line of progress for people. */
export type Report = (line: string) => void

export interface Recipe {
  /** Names what is built and its version; another version is another folder. */
  readonly name: string
  /** Fills the folder; writes what its tools say to the log file. */
  readonly build: (folder: string, logFile: string) => Promise<void>
  readonly report: Report
}

export class InstallError extends Error {
  readonly code = 'install-failed'
}

const TELL_EVERY_MS = 15_000

export function cacheRoot(): string {
  const named = process.env['LEASEGATE_CACHE_DIR']
  if (named !== undefined && named !== '') return named
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'leasegate')
}

/**
 * The folder that the recipe fills, built once for all checkouts: into a folder beside it that is renamed when complete, by one process
 * while others wait.
 */
export async function cached({ name, build, report }: Recipe): Promise<string> {
  const folder = join(cacheRoot(), name)
  if (existsSync(folder)) return folder
  await mkdir(cacheRoot(), { recursive: true })
  const unlock = await lock(`${folder}.lock`, () => report(`waiting for another process that installs ${name}`))
  try {
    if (!existsSync(folder)) await fill({ name, build, report }, folder)
    return folder
  } finally {
    await unlock()
  }
}

async function fill({ name, build, report }: Recipe, folder: string): Promise<void> {
  const partial = `${folder}.partial`
  const logFile = `${folder}.log`
  await rm(partial, { recursive: true, force: true })
  await rm(logFile, { force: true })
  await mkdir(partial)
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  report(`installing ${name} …`)
  const telling = setInterval(() => report(`  ${name}: ${seconds()} s, still at work (log: ${logFile})`), TELL_EVERY_MS)
  try {
    await build(partial, logFile)
    await rename(partial, folder)
    report(`installed ${name} in ${seconds()} s`)
  } catch (error) {
    // On a full disk half a build is what the next attempt needs least.
    await rm(partial, { recursive: true, force: true })
    throw new InstallError(await explain(name, error, logFile), { cause: error })
  } finally {
    clearInterval(telling)
  }
}

async function explain(name: string, error: unknown, logFile: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '')
  const why = error instanceof Error ? error.message : String(error)
  const full = /no space left on device|ENOSPC/i.test(log + why) ? ' (the disk is full)' : ''
  const last = log.trimEnd().split('\n').slice(-6).join('\n  ')
  return `could not install ${name}${full}: ${why}\n  ${last}\n  (log: ${logFile})`
}
