import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ReloadingFile } from '../../../support/reloading-file.ts'
import { ok, type Parsed, problem } from '../../../support/text/parsed.ts'
import { KEY_BYTES, seal, unseal } from '../seal.ts'
import { SessionError } from '../session-error.ts'
import type { SessionKeys } from './session-keys.ts'

/** A key of the installation. Its id is made of it, so that no two keys have the same one. */
export interface InstallationKey {
  readonly id: string
  readonly key: Buffer
}

/** The first one wraps, all open. */
export type KeyRing = readonly [InstallationKey, ...InstallationKey[]]

const fileSchema = z.strictObject({ keys: z.array(z.string()).min(1) })

/** `{"keys": ["…"]}`: 32 random bytes each in base64url, the newest first. What is wrong is said without a key. */
export function parseKeyFile(text: string): Parsed<KeyRing> {
  const read = fileSchema.safeParse(parseJson(text))
  if (!read.success) return problem('must be {"keys": [...]} as leasegate keys sessions makes it')
  const keys = read.data.keys.map(one => Buffer.from(one, 'base64url'))
  // Buffer reads over what is no base64url.
  const isWhole = (key: Buffer, index: number) =>
    key.length === KEY_BYTES && key.toString('base64url') === read.data.keys[index]
  if (!keys.every(isWhole)) return problem(`must have keys of ${KEY_BYTES} bytes in base64url`)
  const [first, ...others] = keys.map(key => ({ id: idOf(key), key }))
  return first === undefined ? problem('must have a key') : ok([first, ...others])
}

/** The file with a new key in front, which wraps from then on. */
export function withNewKey(ring: readonly InstallationKey[]): { readonly text: string; readonly id: string } {
  const made = randomBytes(KEY_BYTES)
  const keys = [made, ...ring.map(({ key }) => key)].map(key => key.toString('base64url'))
  return { text: `${JSON.stringify({ keys }, null, 2)}\n`, id: idOf(made) }
}

export interface KeyFile extends SessionKeys {
  close(): void
}

/** Keys of a file that is read again when it changes. Rejects when it cannot be used. */
export async function openKeyFile(path: string, onProblem: (message: string) => void): Promise<KeyFile> {
  const file = await ReloadingFile.open({ path, parse: parseKeyFile, onProblem })
  return { ...keysOf(() => file.current), close: file.close }
}

export function keysOf(ring: () => KeyRing): SessionKeys {
  return {
    wrap: async (dataKey, context) => {
      const [{ id, key }] = ring()
      return { keyId: id, wrapped: seal(key, bound(id, context), dataKey).toString('base64') }
    },
    unwrap: async ({ keyId, wrapped }, context) => {
      const found = ring().find(({ id }) => id === keyId)
      if (found === undefined) throw new SessionError('no-key', `the key ${keyId} that opens it is not in the key file`)
      const sealed = Buffer.from(wrapped, 'base64')
      // Buffer reads several texts as the same bytes: only the one that was written counts.
      const opened = sealed.toString('base64') === wrapped ? unseal(found.key, bound(keyId, context), sealed) : null
      if (opened === null) throw new SessionError('altered', 'the session, or its wrapped key, was altered')
      return opened
    },
  }
}

function bound(id: string, context: string): string {
  return `${id} ${context}`
}

function idOf(key: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from('leasegate/session-key-id/1'), key]), 'hex').slice(0, 16)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
