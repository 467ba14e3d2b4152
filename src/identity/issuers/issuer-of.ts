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

/** Whom its tokens must be for: us, or the program with which people log in. */
export function audiencesOf({ audience, login }: Pick<Issuer, 'audience' | 'login'>): readonly string[] {
  return login === undefined ? [audience] : [audience, login.clientId]
}

/** Whether `aud` has one of the issuer's audiences, and beside them only who may be there. */
export function isMeantFor(issuer: Issuer, aud: unknown): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const ours: readonly unknown[] = audiencesOf(issuer).filter(one => one !== '')
  const known = [...ours, ...(issuer.otherAudiences ?? [])]
  return named.some(one => ours.includes(one)) && named.every(one => known.includes(one))
}
