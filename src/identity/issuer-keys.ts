import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Issuer } from '../policy/policy.ts'
import { httpCall } from '../support/http-call.ts'

const FETCH_MS = 3000
/** At most one fetch in this time, however many unknown key ids come in. */
const COOLDOWN_MS = 30_000
/** Fetched keys are good for so long; then they are fetched again, and while that fails nobody passes. */
const MAX_AGE_MS = 600_000
const MAX_JWKS_BYTES = 1_048_576

/** The issuer's keys could not be had. */
export class IssuerKeysError extends Error {
  readonly code = 'issuer-keys-unavailable'
}

const JWKS = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** The issuer's public keys: its file, looked at with each token, or its URL. Rejects with IssuerKeysError when they cannot be had. */
export function issuerKeys({ name, jwks }: Issuer): JWTVerifyGetKey {
  return jwks.kind === 'file' ? fileKeys(name, jwks.path) : urlKeys(name, jwks.url, jwks.caFile)
}

function fileKeys(issuer: string, path: string): JWTVerifyGetKey {
  let text = ''
  let keys: ReturnType<typeof createLocalJWKSet> | null = null
  return async (header, token) => {
    const now = await readFile(path, 'utf8').catch(cause => unavailable(issuer, 'its JWKS file cannot be read', cause))
    if (keys === null || now !== text) {
      keys = createLocalJWKSet(toJwks(issuer, now))
      text = now
    }
    return keys(header, token)
  }
}

function toJwks(issuer: string, text: string): JSONWebKeySet {
  try {
    return JWKS.parse(JSON.parse(text))
  } catch (cause) {
    return unavailable(issuer, 'what it publishes is not a JWKS', cause)
  }
}

function urlKeys(issuer: string, url: string, caFile: string | null): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch]: async address => {
      const text = await fetched(address, caFile).catch(cause =>
        unavailable(issuer, 'its keys cannot be fetched', cause),
      )
      return Response.json(toJwks(issuer, text))
    },
  })
}

/** Plain http is for loopback, which the policy file's schema sees to. Follows no redirect: only the URL in the policy file is asked. */
async function fetched(url: string, caFile: string | null): Promise<string> {
  const ca = caFile === null ? null : await readFile(caFile, 'utf8')
  const call = { method: 'GET', url, headers: {}, body: '', ca, withinMs: FETCH_MS, maxBytes: MAX_JWKS_BYTES }
  const { status, text } = await httpCall(call)
  if (status !== 200) throw new Error(`the answer has status ${status}`)
  return text
}

function unavailable(issuer: string, what: string, cause: unknown): never {
  throw new IssuerKeysError(`issuer ${issuer}: ${what}`, { cause })
}
