import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Environment } from '../../config/read-config.ts'
import type { CLIENT_SETTINGS } from '../../config/settings/client.ts'
import type { ClientCertificate } from '../../support/net/http-call.ts'
import type { LeaseChoice } from '../access/lease-choice.ts'

/** Where the answer to one question is kept. */
export interface Place {
  readonly folder: string
  readonly file: string
  /** Null: whichever it is, of a task template. */
  readonly lease: string | null
  readonly template: string | null
  /** Another lease may come in its place, by template or file: clients are told to ask again within minutes. */
  readonly isForNow: boolean
  /** It is in no file of ours, and goes with the answer. */
  readonly certificate: ClientCertificate | null
}

type Name = (typeof CLIENT_SETTINGS)[keyof typeof CLIENT_SETTINGS]['env']

/** Of what others say to leasegate, so that the file of one kind is never read as another. */
const FOLDER = ['leasegate', 'lease-tokens'] as const

/** Null where a user's programs have no folder for such things. */
export function folderOf(env: Environment): string | null {
  const home = absolute(env['HOME'])
  const base =
    absolute(env['XDG_RUNTIME_DIR']) ?? absolute(env['XDG_CACHE_HOME']) ?? (home === null ? null : join(home, '.cache'))
  return base === null ? null : join(base, ...FOLDER)
}

/**
 * Named by all that the answer depends on: the lease, every setting, and what is in the files that they name, which may be swapped at any
 * time. Null where nothing is kept: it is switched off, there is no folder, or who asks is known by a login, or by a file with contexts.
 */
export function placeOf(choice: LeaseChoice, env: Environment): Place | null {
  const folder = folderOf(env)
  const setting = (name: Name) => env[name]
  if (folder === null || setting('LEASEGATE_BROKER_URL') === undefined) return null
  if ((setting('LEASEGATE_TOKEN_CACHE') ?? 'on') !== 'on') return null
  const [identity, certificateFile] = [setting('LEASEGATE_IDENTITY_TOKEN_FILE'), setting('LEASEGATE_CLIENT_CERT_FILE')]
  if (identity === undefined && certificateFile === undefined) return null
  try {
    const [cert, key] = [contentOf(certificateFile), contentOf(setting('LEASEGATE_CLIENT_KEY_FILE'))]
    const lease = choice.leaseFrom === undefined ? (choice.lease ?? null) : contentOf(choice.leaseFrom).trim()
    const contents = [contentOf(identity), contentOf(setting('LEASEGATE_BROKER_CA_FILE')), cert, key]
    const settings = Object.entries(env).filter(([name]) => name.startsWith('LEASEGATE_'))
    const template = choice.template ?? null
    const isForNow = choice.lease === undefined
    const question = JSON.stringify([lease, template, isForNow, settings.sort(byName), contents])
    const certificate = certificateFile === undefined ? null : { cert, key }
    return { folder, file: join(folder, fingerprint(question)), lease, template, isForNow, certificate }
  } catch {
    // A file that cannot be read: who asks the broker says which.
    return null
  }
}

function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null
}

function contentOf(file: string | undefined): string {
  return file === undefined ? '' : readFileSync(file, 'utf8')
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/**
 * 64 bits that tell questions of one user apart (cyrb53 by bryc, public domain). Not for who looks for two alike: only the user can, and the
 * lease is compared besides. Node's SHA-256 takes 8 ms to load, a quarter of what an empty Node.js does.
 */
function fingerprint(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  const mixed = (one: number, other: number) =>
    (Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)) >>> 0
  return [mixed(a, b), mixed(b, a)].map(part => part.toString(16).padStart(8, '0')).join('')
}
