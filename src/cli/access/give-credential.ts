import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { type AnswerReader, type BrokerClient, brokerClient } from '../broker/broker-client.ts'
import { readClientCertificate } from '../broker/read-client-certificate.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { execCredential } from '../token-cache/exec-credential.ts'
import { forgetPlace } from '../token-cache/forget-tokens.ts'
import { keepToken } from '../token-cache/keep-token.ts'
import { type Place, placeOf } from '../token-cache/place.ts'
import type { LeaseChoice } from './lease-choice.ts'

/** client-go asks again only once the time has come; a little early, so that no request leaves with a token that ends on its way. */
const EARLY_MS = 5000

/** Python's client takes a token for ended so long before its time (kube-rs a minute), and then runs this for each request. */
const SKEW_MS = 300_000

/**
 * Meanwhile a client keeps what it got. By template or file that must not be for long: a lease that was revoked may have a successor, which
 * nobody asks for before. A minute, by the clock of the most hurried client.
 */
const ASK_AGAIN_MS = SKEW_MS + 60_000

/** A lease token as the broker gives it out. */
export interface LeaseToken {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** It ends with its lease. */
  readonly isLast: boolean
}

/** By hand: zod would be a quarter of the time that kubectl waits for. */
export const TOKEN: AnswerReader<LeaseToken> = {
  safeParse: value => {
    const { token, expiresAt, isLast = false } = (value ?? {}) as Readonly<Record<string, unknown>>
    const isToken = typeof token === 'string' && token !== ''
    if (!isToken || !Number.isSafeInteger(expiresAt) || typeof isLast !== 'boolean') return { success: false }
    return { success: true, data: { token, expiresAt: expiresAt as number, isLast } }
  },
}

/** Prints a lease token. Throws a CliError where there is none. */
export async function giveCredential(terminal: Terminal, choice: LeaseChoice, place: Place | null): Promise<void> {
  const { certificate, ...given } = await asked(terminal, choice).catch(error => {
    // Of a lease that has ended: the next who asks hears it from the broker at once.
    if (error instanceof CliError && error.code === 'refused' && place !== null) forgetPlace(place)
    throw error
  })
  // Where files were swapped meanwhile, it may be the answer to another question.
  const isTheSame = place !== null && placeOf(choice, terminal.env)?.file === place.file
  const certificateUntil = certificate === null ? null : Date.parse(new X509Certificate(certificate.cert).validTo)
  if (isTheSame && !keepToken(place, { ...given, certificateUntil }, process.ppid))
    terminal.note(`leasegate: no token is kept in ${place.folder}: others have to do with it, or a folder above\n`)
  terminal.print(execCredential(given, certificate, terminal.env))
}

async function asked(terminal: Terminal, choice: LeaseChoice) {
  const broker = brokerClient(terminal)
  // Before the token is asked for: where files are swapped meanwhile, the next attempt has both anew.
  const certificate = await readClientCertificate(settings(terminal, CLIENT_SETTINGS))
  const path = `/v1/leases/${encodeURIComponent(await idOf(broker, choice))}/token`
  const askedAt = Date.now()
  const { token, ...ends } = await broker('POST', path, TOKEN)
  const expirationTimestamp = new Date(askAgainAt(ends, choice, Date.now())).toISOString()
  return { token, expirationTimestamp, askedAt, isLast: ends.isLast, certificate }
}

/**
 * When a client should ask again. After the last token of a lease there is none: whoever asks early gets the same one, with each
 * request, and so is not told to.
 */
function askAgainAt(
  { expiresAt, isLast }: Omit<LeaseToken, 'token'>,
  { template, leaseFrom }: LeaseChoice,
  now: number,
): number {
  if (template !== undefined || leaseFrom !== undefined) return Math.min(expiresAt - EARLY_MS, now + ASK_AGAIN_MS)
  return isLast ? expiresAt + SKEW_MS : expiresAt - EARLY_MS
}

/** Never just any lease: which one a program works under is written in its kubeconfig. */
async function idOf(broker: BrokerClient, choice: LeaseChoice): Promise<string> {
  if (choice.lease !== undefined) return choice.lease
  if (choice.leaseFrom !== undefined) return readLeaseId(choice.leaseFrom)
  if (choice.template !== undefined) {
    // Loaded when it is needed: kubectl waits for every module.
    const { findLease } = await import('./find-lease.ts')
    return (await findLease(broker, choice)).id
  }
  throw new CliError('usage', 'name the lease with --lease, or its task template with --template')
}

async function readLeaseId(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new CliError('refused', 'whoever took a lease for this kubeconfig is done', cause)
  })
  return text.trim()
}
