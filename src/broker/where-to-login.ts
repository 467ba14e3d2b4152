import type { Policy } from '../policy/policy.ts'

/** What a program needs before it has a token: issuers that people log in at, or where they consent to what an agent does for them, and as which client. The policy says it, and it is no secret. */
export function whereToLogIn({ issuers }: Policy): object {
  const places = issuers.flatMap(({ name, issuer, login, consentFor }) =>
    login === undefined || issuer === null ? [] : [{ isConsent: consentFor !== undefined, name, issuer, ...login }],
  )
  const [consents, logins] = [true, false].map(wanted =>
    places.filter(({ isConsent }) => isConsent === wanted).map(({ isConsent: _, ...place }) => place),
  )
  return { issuers: logins, consents }
}
