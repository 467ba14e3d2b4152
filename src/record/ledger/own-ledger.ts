import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePrivateKey } from './format/signed-note.ts'
import { Ledger, LedgerError, type LedgerHome } from './ledger.ts'
import { FILE_MODE, FOLDER_MODE, OWNER, textOf } from './ledger-files.ts'

export interface LedgerSettings {
  /** Where the ledgers are. */
  readonly directory: string
  /** PEM file of the private key. */
  readonly keyFile: string
  /** A name that is kept over restarts, and that nobody else has. */
  readonly owner: string
  readonly now?: () => number
}

export interface OwnLedger {
  readonly ledger: Ledger
  /** Why the one before cannot be gone on with; null where it is gone on with, or there was none. */
  readonly damaged: string | null
}

/**
 * The owner's ledger, or a new one. One that somebody changed stays as it is, for the verifier to find; the record goes on in another.
 * Rejects with a LedgerError when key or folder cannot be used.
 */
export async function openOwnLedger({ directory, keyFile, owner, now }: LedgerSettings): Promise<OwnLedger> {
  const key = await readKey(keyFile)
  const home = (name: string): LedgerHome => ({ folder: join(directory, name), name, key, ...(now && { now }) })
  await mkdir(directory, { recursive: true, mode: FOLDER_MODE }).catch(error => unusable(directory, error))
  let damaged: string | null = null
  for (const name of (await ownedBy(directory, owner)).toReversed()) {
    try {
      return { ledger: await Ledger.open(home(name)), damaged }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw unusable(directory, error)
      damaged ??= error.message
    }
  }
  const name = await makeFolder(directory, owner, (now ?? Date.now)())
  return { ledger: await Ledger.open(home(name)), damaged }
}

/** Names of the ledgers in a folder. */
export async function ledgersIn(directory: string): Promise<readonly string[]> {
  const found = await readdir(directory, { withFileTypes: true })
  return found
    .filter(one => one.isDirectory())
    .map(one => one.name)
    .sort()
}

async function ownedBy(directory: string, owner: string): Promise<readonly string[]> {
  const names = await ledgersIn(directory)
  const owners = await Promise.all(names.map(name => textOf(join(directory, name, OWNER))))
  return names.filter((_, index) => owners[index] === `${owner}\n`)
}

/** A name that no other ledger ever has: it stands in what is signed. Sorted, the newest of an owner is the last. */
async function makeFolder(directory: string, owner: string, now: number): Promise<string> {
  const readable = owner.replace(/[^\w.-]+/g, '-').slice(0, 60)
  const begun = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
  const name = `${readable}-${begun}-${randomBytes(6).toString('hex')}`
  await mkdir(join(directory, name), { mode: FOLDER_MODE }).catch(error => unusable(directory, error))
  await writeFile(join(directory, name, OWNER), `${owner}\n`, { mode: FILE_MODE })
  return name
}

async function readKey(file: string) {
  const pem = await readFile(file, 'utf8').catch(error => unusable(file, error))
  const parsed = parsePrivateKey(pem)
  if (parsed.kind === 'problem') throw new LedgerError(`${file} ${parsed.message}`)
  return parsed.value
}

function unusable(path: string, error: unknown): never {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException
  throw new LedgerError(`${path} cannot be used (${code})`, { cause: error })
}
