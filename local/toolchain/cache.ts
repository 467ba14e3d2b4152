import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

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

const ASK_EVERY_MS = 250
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
  const unlock = await lock(`${folder}.lock`, report, name)
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

/** A file that one process creates and removes; one that a dead process left is taken over. */
async function lock(path: string, report: Report, name: string): Promise<() => Promise<void>> {
  for (let told = false; ; ) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isStale(path)) {
      await rm(path, { force: true })
      continue
    }
    if (!told) report(`waiting for another process that installs ${name}`)
    told = true
    await new Promise(resolve => setTimeout(resolve, ASK_EVERY_MS))
  }
}

async function isStale(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  if (pid > 0) return !isAlive(pid)
  // Created a moment ago and not written yet, or left so by a crash.
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  return age > 10_000
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
