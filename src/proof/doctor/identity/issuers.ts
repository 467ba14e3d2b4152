import { readFile } from 'node:fs/promises'
import type { Issuer, Policy } from '../../../policy/policy.ts'
import { httpCall, whyUnreachable } from '../../../support/http-call.ts'
import type { Finding } from '../../report.ts'
import type { Examination } from '../examined.ts'

const MAX_JWKS_BYTES = 1_048_576

/** Those whose tokens are believed: whether their keys can be had, and can do what the policy says. */
export async function examineIssuers({ issuers }: Pick<Policy, 'issuers'>): Promise<Examination> {
  const looks = await Promise.all(issuers.map(async issuer => ({ issuer, keys: await keysOf(issuer) })))
  return {
    tried: issuers.map(({ name, jwks }) => `keys of ${name}, ${jwks.kind === 'file' ? jwks.path : jwks.url}`),
    seen: looks.flatMap(({ issuer, keys }) => (Array.isArray(keys) ? [`${issuer.name}: ${keys.length} keys`] : [])),
    findings: looks.flatMap(({ issuer, keys }) => judge(issuer, keys)),
  }
}

interface Key {
  readonly kty?: unknown
  readonly crv?: unknown
  readonly n?: unknown
  readonly alg?: unknown
  readonly use?: unknown
}

/** Or why there are none. */
async function keysOf({ jwks }: Issuer): Promise<readonly Key[] | string> {
  try {
    const text = jwks.kind === 'file' ? await readFile(jwks.path, 'utf8') : await fetched(jwks)
    const { keys } = JSON.parse(text) as { readonly keys?: unknown }
    return Array.isArray(keys) ? (keys as readonly Key[]) : 'what is there is no JWKS'
  } catch (error) {
    if (error instanceof SyntaxError) return 'what is there is no JWKS'
    return jwks.kind === 'file'
      ? 'the file cannot be read'
      : error instanceof StatusError
        ? error.message
        : whyUnreachable(error)
  }
}

class StatusError extends Error {}

async function fetched({ url, caFile }: Extract<Issuer['jwks'], { readonly kind: 'url' }>): Promise<string> {
  const ca = caFile === null ? null : await readFile(caFile, 'utf8')
  const call = { method: 'GET', url, headers: {}, body: '', ca, withinMs: 5000, maxBytes: MAX_JWKS_BYTES }
  const { status, text } = await httpCall(call)
  if (status !== 200) throw new StatusError(`it answers with status ${status}`)
  return text
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
/** 2048 bits in base64url; shorter ones are refused when a token comes. */
const RSA_DIGITS = 341

/** Whether a signature of this algorithm can be checked with the key (RFC 7518, RFC 8037). */
function canCheck({ kty, crv, n, alg, use }: Key, algorithm: string): boolean {
  if (use === 'enc') return false
  if (algorithm === 'EdDSA')
    return kty === 'OKP' && crv === 'Ed25519' && [undefined, 'EdDSA', 'Ed25519'].includes(text(alg))
  if (alg !== undefined && alg !== algorithm) return false
  const curve = CURVES[algorithm]
  return curve === undefined ? kty === 'RSA' && (text(n)?.length ?? 0) >= RSA_DIGITS : kty === 'EC' && crv === curve
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function judge({ name, algorithms, jwks }: Issuer, keys: readonly Key[] | string): readonly Finding[] {
  const where = jwks.kind === 'file' ? jwks.path : jwks.url
  if (typeof keys === 'string') {
    return [
      {
        severity: 'error',
        what: `the keys of issuer ${name} cannot be had from ${where}: ${keys}`,
        why: 'Nobody with a token of this issuer gets a lease, or can renew one.',
        mend: 'See that jwks in the policy file is right and can be reached from the broker.',
      },
    ]
  }
  const fits = keys.some(key => algorithms.some(algorithm => canCheck(key, algorithm)))
  if (fits) return []
  return [
    {
      severity: 'error',
      what: `issuer ${name} has no key for ${algorithms.join(' or ')}`,
      why: 'Every token of this issuer is refused.',
      mend: `Let algorithms of issuer ${name} in the policy file be those it signs with; RSA keys need 2048 bits.`,
    },
  ]
}
