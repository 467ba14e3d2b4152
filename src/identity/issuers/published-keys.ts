import { readFile } from 'node:fs/promises'
import type { Issuer } from '../../policy/policy.ts'
import { httpCall, whyUnreachable } from '../../support/http-call.ts'
import { fetchClusterKeys } from './cluster-keys.ts'

const FETCH_MS = 3000
const MAX_JWKS_BYTES = 1_048_576

/** Why an issuer's keys could not be had, in words for whoever runs it. */
export class PublishedKeysError extends Error {
  readonly code = 'published-keys-unavailable'
}

/** The text that an issuer publishes its keys in, whatever it says. Rejects with PublishedKeysError. */
export async function readPublishedKeys(jwks: Issuer['jwks']): Promise<string> {
  switch (jwks.kind) {
    case 'file':
      return readFile(jwks.path, 'utf8').catch(cause => unavailable('the file cannot be read', cause))
    case 'url':
      return fetched(jwks)
    case 'cluster':
      return fetchClusterKeys().catch(cause => unavailable(whyNot(cause), cause))
  }
}

/** Plain http is for loopback, which the policy file's schema sees to. Follows no redirect: only the URL in the policy file is asked. */
async function fetched({ url, caFile, tokenFile }: Extract<Issuer['jwks'], { readonly kind: 'url' }>): Promise<string> {
  const ca = caFile === null ? null : await readBeside('caFile', caFile)
  const headers =
    tokenFile === undefined ? {} : { authorization: `Bearer ${(await readBeside('tokenFile', tokenFile)).trim()}` }
  const call = { method: 'GET', url, headers, body: '', ca, withinMs: FETCH_MS, maxBytes: MAX_JWKS_BYTES }
  const { status, text } = await httpCall(call).catch(cause => unavailable(whyUnreachable(cause), cause))
  return status === 200 ? text : unavailable(`it answers with status ${status}`)
}

/** Read at each use: both are renewed. */
function readBeside(key: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch(cause => unavailable(`its ${key} cannot be read`, cause))
}

/** What the cluster's side says itself, or what the network did. */
function whyNot(cause: unknown): string {
  const isOfNetwork = typeof (cause as { readonly code?: unknown }).code === 'string'
  return isOfNetwork || !(cause instanceof Error) ? whyUnreachable(cause) : cause.message
}

function unavailable(why: string, cause?: unknown): never {
  throw new PublishedKeysError(why, { cause })
}
