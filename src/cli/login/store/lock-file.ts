import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { CliError } from '../../command/cli-error.ts'

const ASK_EVERY_MS = 50
/** Whoever holds it may wait for somebody who is asked for the password of a keychain, and says in between that it is there. */
const SILENT_MS = 60_000
const WAIT_MS = 90_000

/** Does the work while no other process does: they wait for it, and take over from one that is gone. */
export async function withLock<T>(path: string, work: () => Promise<T>, silentMs = SILENT_MS): Promise<T> {
  const ours = `${hostname()} ${process.pid} ${randomBytes(8).toString('hex')}`
  const until = Date.now() + WAIT_MS
  while (!(await take(path, ours))) {
    if (Date.now() > until)
      throw new CliError('unavailable', `another leasegate is at your login; where none is, remove ${path}`)
    if (!(await removeStale(path, silentMs))) await pause(ASK_EVERY_MS)
  }
  const saying = setInterval(() => void touch(path), silentMs / 6).unref()
  try {
    return await work()
  } finally {
    clearInterval(saying)
    if ((await read(path)) === ours) await rm(path, { force: true })
  }
}

/** A link appears with its content or not at all, and never over another one. */
async function take(path: string, content: string): Promise<boolean> {
  const mine = unique(path)
  try {
    await writeFile(mine, content, { mode: 0o600, flag: 'wx' })
    await link(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new CliError('usage', `cannot write ${path}`, error)
  } finally {
    await rm(mine, { force: true })
  }
}

async function removeStale(path: string, silentMs: number): Promise<boolean> {
  const holder = await read(path)
  if (holder === null || (await isHeld(path, holder, silentMs))) return false
  const aside = unique(path)
  await rename(path, aside).catch(() => undefined)
  const moved = await read(aside)
  // Another process was quicker, and this is its lock.
  if (moved !== null && moved !== holder) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
  return true
}

/** A home may be shared by machines: of another one's processes only the time is known. */
async function isHeld(path: string, holder: string, silentMs: number): Promise<boolean> {
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  if (age > silentMs) return false
  const [host, pid] = holder.split(' ')
  if (host !== hostname()) return true
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}

function read(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

function unique(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
}
