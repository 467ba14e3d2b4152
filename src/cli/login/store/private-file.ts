import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError } from '../../command/cli-error.ts'

const OTHERS = 0o077
const MAX_BYTES = 65_536
const AGAIN = 'somebody else may have been there: look why, then run: leasegate logout, and leasegate login'
/** Logging out goes into it as well. */
const AGAIN_IN_FOLDER = 'somebody else may have been there: look why, take it away, then run: leasegate login'

/** What is in it; null where it is not there. Throws a CliError for one that is not this user's alone: whoever reads it is that user to the broker. */
export async function readPrivate(path: string): Promise<string | null> {
  if (!(await ownFolder(dirname(path)))) return null
  try {
    // O_NONBLOCK: a pipe in its place would keep us waiting.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = await file.stat()
    if (!stat.isFile()) throw unfit(path, 'is no plain file')
    if (!isOurs(stat.uid)) throw unfit(path, 'belongs to somebody else')
    if (isOpen(stat.mode)) throw unfit(path, `may be read by others (mode ${(stat.mode & 0o777).toString(8)})`)
    if (stat.size > MAX_BYTES) throw unfit(path, 'is too long')
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof CliError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    if (code === 'ELOOP' || code === 'EMLINK') throw unfit(path, 'is a symbolic link')
    throw new CliError('usage', `cannot read your login: ${path}`, error)
  }
}

/** Whole or not at all, and on the disk when it is done: an issuer that gave out the next refresh token takes the one before no more. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await makeFolder(dirname(path))
    {
      await using file = await open(next, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined)
    if (error instanceof CliError) throw error
    throw new CliError('usage', `cannot write your login: ${path}`, error)
  }
}

/** A folder that is this user's alone. Throws a CliError where it cannot be had. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch(cause => {
    throw new CliError('usage', `cannot make ${path}`, cause)
  })
  await ownFolder(path)
}

/** False where it is not there. */
async function ownFolder(path: string): Promise<boolean> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new CliError('usage', `cannot read ${path}`, error)
  })
  if (stat === null) return false
  const refuse = (why: string) => unfit(path, why, AGAIN_IN_FOLDER)
  if (!stat.isDirectory()) throw refuse(stat.isSymbolicLink() ? 'is a symbolic link' : 'is no folder')
  if (!isOurs(stat.uid)) throw refuse('belongs to somebody else')
  if (isOpen(stat.mode)) throw refuse(`is open to others (mode ${(stat.mode & 0o777).toString(8)})`)
  return true
}

/** Windows has neither; there the user's profile keeps others out. */
function isOurs(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid()
}

function isOpen(mode: number): boolean {
  return process.getuid !== undefined && (mode & OTHERS) !== 0
}

function unfit(path: string, why: string, mend = AGAIN): CliError {
  return new CliError('usage', `${path} ${why}, and is not used as your login: ${mend}`)
}
