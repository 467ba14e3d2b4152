import { formatDuration } from '../../policy/file/values/duration.ts'
import type { Issuer } from '../../policy/policy.ts'

/** Seconds by which an issuer's clock may differ from ours. */
export const TOLERANCE = 5

interface Times {
  readonly iat?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
}

/**
 * What is wrong with the times that a verified token gives itself, or null. RFC 7519 allows fractions and any size; issuers write
 * whole seconds, and whoever has a token that says otherwise, or one made for years, has a standing right and not an identity.
 */
export function oddTimes({ iat, exp, nbf }: Times, issuer: Issuer, now: number): string | null {
  if (!isSeconds(exp)) return 'its exp must be whole seconds'
  const from = beginOf(iat, issuer, now)
  if (from === null) return 'it must say in whole seconds when it was issued (iat)'
  if (nbf !== undefined && !isSeconds(nbf)) return 'its nbf must be whole seconds'
  if (from > Math.floor(now / 1000) + TOLERANCE) return 'its iat lies ahead of the clock'
  if (exp <= from && iat !== undefined) return 'its exp is not after its iat'
  const limit = issuer.maxTokenLifetimeMs
  if ((exp - from) * 1000 <= limit) return null
  const [lifetime, longest] = [formatDuration((exp - from) * 1000), formatDuration(limit)]
  return `it was made for ${lifetime}, and issuer ${issuer.name} may give ${longest} (maxTokenLifetime in the policy file)`
}

/** A JWT-SVID need not say when it was made: then what is left of it is what it was made for, and one made for years is still told. */
function beginOf(iat: unknown, { trustDomain }: Issuer, now: number): number | null {
  if (iat === undefined && trustDomain !== undefined) return Math.floor(now / 1000)
  return isSeconds(iat) ? iat : null
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < MAX_SECONDS
}

/** The year 2286; whoever writes milliseconds lands beyond. */
const MAX_SECONDS = 10_000_000_000
