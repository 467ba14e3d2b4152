import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnFolder, makeFolder } from '../../support/process/own-folder.mjs'
import { claimsOf, type KeptToken, toText } from './kept-token.ts'
import { isPrivateFolder, remove } from './own-files.ts'
import type { Place } from './place.ts'

/** No token lives longer, and whatever was not used for so long is over. */
const OVER_MS = 900_000
/** Another lease may be there by then; and what its client is told to ask again at must not be over. */
const FOR_NOW_MS = 60_000
/** Before the end of a lease: what leaves now should arrive. */
const EARLY_MS = 5000

interface Given extends Pick<KeptToken, 'token' | 'expirationTimestamp' | 'askedAt'> {
  /** There is none after it. */
  readonly isLast: boolean
  /** Epoch milliseconds, of the client's certificate; null: there is none. */
  readonly certificateUntil: number | null
}

/**
 * Keeps it for the next who asks the same, within two thirds of its time: later, a client that takes tokens for ended five minutes early
 * (Python's) would come for each request. Whoever asked now has it already. False where the folder is there and is not ours alone; that
 * nothing can be kept is no matter otherwise.
 */
export function keepToken(place: Place, given: Given, asker: number): boolean {
  const { token, expirationTimestamp, askedAt } = given
  const claims = claimsOf(token)
  if (claims === null || (place.lease !== null && claims.lease !== place.lease)) return true
  const until = usableUntil(given, claims.livesMs, place.isForNow)
  if (until <= askedAt) return true
  const next = `${place.file}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    if (!isMade(place.folder)) return false
    sweep(place.folder, Date.now())
    const kept = { lease: claims.lease, template: place.template, token, expirationTimestamp, askedAt, until }
    writeFileSync(next, `${toText(kept)}${asker}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(next, place.file)
  } catch {
    // A disk that is full, a home that is read-only: the broker is asked each time.
    remove(next)
  }
  return true
}

/** By elapsed time, whatever the clocks of broker and machine say of each other. */
function usableUntil({ askedAt, isLast, certificateUntil }: Given, livesMs: number, isForNow: boolean): number {
  const ms = Math.min(isLast ? livesMs - EARLY_MS : Math.floor((livesMs * 2) / 3), isForNow ? FOR_NOW_MS : OVER_MS)
  return Math.min(askedAt + ms, certificateUntil ?? Number.MAX_SAFE_INTEGER)
}

/** False for one that is there and others have to do with. Throws where it cannot be made. */
function isMade(folder: string): boolean {
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return isPrivateFolder(folder)
  // In the home of another user, as below sudo, nothing is to be made either.
  if (!isOwnFolder(folder)) throw new Error('not ours')
  makeFolder(folder)
  return isPrivateFolder(folder)
}

/** What nobody came for in the time that a token lives, whatever it is; of a clock that was put back as well. */
function sweep(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false })
    if (found !== undefined && Math.abs(now - found.mtimeMs) > OVER_MS) remove(join(folder, name))
  }
}
