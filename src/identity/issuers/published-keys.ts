import { readFile } from 'node:fs/promises'
import type { Issuer } from '../../policy/policy.ts'
import { httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import { ClusterKeysError, fetchClusterKeys } from './cluster-keys.ts'

const FETCH_MS = 3000
const MAX_JWKS_BYTES = 1_048_576

/** Why an issuer's keys could not be had, and what mends it, in words for whoever runs it. */
export class PublishedKeysError extends Error {
  readonly code = 'published-keys-unavailable'
  readonly mend: string
  /** Whoever was asked answered that there are none: no outage. */
  readonly isGone: boolean

  constructor(message: string, mend: string, { cause, isGone = false }: { cause?: unknown; isGone?: boolean } = {}) {
    super(message, { cause })
    this.mend = mend
    this.isGone = isGone
  }
}

type ByUrl = Extract<Issuer['jwks'], { readonly kind: 'url' }>

const ELSEWHERE = 'jwks_uri in /.well-known/openid-configuration of the issuer says where its keys are'
const WAY_OUT = 'see that jwks.url is right, and that the broker may go there (NetworkPolicy, firewall)'

/** What was published is something else. */
export function noJwks(): PublishedKeysError {
  return new PublishedKeysError('what is there is no JWKS', ELSEWHERE)
}

/** The text that an issuer publishes its keys in, whatever it says. Rejects with PublishedKeysError. */
export async function readPublishedKeys({ jwks }: Pick<Issuer, 'jwks'>): Promise<string> {
  switch (jwks.kind) {
    case 'file':
      return readFile(jwks.path, 'utf8').catch(cause =>
        unavailable('the file cannot be read', 'see that it is there, and that the broker may read it', { cause }),
      )
    case 'url':
      return fetched(jwks)
    case 'cluster':
      return fetchClusterKeys().catch(cause =>
        unavailable(whyNot(cause), 'see that the broker runs in a pod with its token, and may reach the API server', {
          cause,
          isGone: cause instanceof ClusterKeysError && isGone(cause.status),
        }),
      )
  }
}

/** Where they are, for people: a URL without what may be a secret in it. */
export function placeOfKeys(jwks: Issuer['jwks']): string {
  if (jwks.kind === 'cluster') return 'the API server of this cluster'
  if (jwks.kind === 'file') return jwks.path
  const { origin, pathname } = new URL(jwks.url)
  return `${origin}${pathname}`
}

/** Plain http is for loopback, which the policy file's schema sees to. Follows no redirect: only the URL in the policy file is asked. */
async function fetched({ url, caFile, tokenFile }: ByUrl): Promise<string> {
  const ca = caFile === null ? null : await readBeside('caFile', caFile)
  const headers =
    tokenFile === undefined ? {} : { authorization: `Bearer ${(await readBeside('tokenFile', tokenFile)).trim()}` }
  const call = { method: 'GET', url, headers, body: '', ca, withinMs: FETCH_MS, maxBytes: MAX_JWKS_BYTES }
  const { status, text } = await httpCall(call).catch(cause => {
    const why = whyUnreachable(cause)
    return unavailable(why, why.includes('certificate') ? 'name its CA by jwks.caFile' : WAY_OUT, { cause })
  })
  if (status === 200) return text
  return unavailable(`it answers with status ${status}`, mendOf(status, tokenFile), { isGone: isGone(status) })
}

function isGone(status: number): boolean {
  return status === 404 || status === 410
}

function mendOf(status: number, tokenFile: string | undefined): string {
  if (status >= 300 && status < 400) return 'no redirect is followed: let jwks.url be the address that it leads to'
  if (status === 401 || status === 403) {
    return tokenFile === undefined
      ? 'it tells them to accounts alone: name the token of one by jwks.tokenFile'
      : 'the token in jwks.tokenFile is not let in: renew it, and bind ClusterRole system:service-account-issuer-discovery to its account'
  }
  if (status === 429 || status >= 500) return 'whoever runs it has to mend that; it is asked again by itself'
  return ELSEWHERE
}

/** Read at each use: both are renewed. */
function readBeside(key: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch(cause =>
    unavailable(`its ${key} cannot be read`, `see that the file of jwks.${key} is there`, { cause }),
  )
}

/** What the cluster's side says itself, or what the network did. */
function whyNot(cause: unknown): string {
  if (cause instanceof ClusterKeysError) return cause.message
  const isOfNetwork = typeof (cause as { readonly code?: unknown }).code === 'string'
  return isOfNetwork || !(cause instanceof Error) ? whyUnreachable(cause) : cause.message
}

function unavailable(...problem: ConstructorParameters<typeof PublishedKeysError>): never {
  throw new PublishedKeysError(...problem)
}
