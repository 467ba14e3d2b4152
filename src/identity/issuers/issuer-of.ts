import type { Issuer, Policy } from '../../policy/policy.ts'
import { trustDomainOf } from '../claims/spiffe-id.ts'
import type { CompactJws } from '../token/compact-jws.ts'

/**
 * The issuer whose `iss`, or trust domain, and `aud` this token carries, all of them exactly. Whatever could come from two issuers comes from
 * none. A token that is also meant for others is not for us, unless the policy names them: any of them could send it on.
 */
export function issuerOf({ payload }: CompactJws, { issuers }: Pick<Policy, 'issuers'>): Issuer | null {
  const { iss, sub } = payload
  const domain = trustDomainOf(sub)
  const [found, ...others] = issuers.filter(
    one =>
      (one.issuer === null || one.issuer === iss) &&
      (one.trustDomain === undefined || one.trustDomain === domain) &&
      isMeantFor(one, payload['aud']),
  )
  return found === undefined || others.length > 0 ? null : found
}

/** Whether `aud` has the issuer's audience, and beside it only who may be there. */
export function isMeantFor({ audience, otherAudiences = [] }: Issuer, aud: unknown): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const known: readonly unknown[] = [audience, ...otherAudiences]
  return audience !== '' && named.includes(audience) && named.every(one => known.includes(one))
}
