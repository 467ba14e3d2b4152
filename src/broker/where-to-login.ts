import type { Policy } from '../policy/policy.ts'

/** What a program needs before it has a token: issuers that people log in at, and as which client. The policy says it, and it is no secret. */
export function whereToLogIn({ issuers }: Policy): object {
  return {
    issuers: issuers.flatMap(({ name, issuer, login }) =>
      login === undefined || issuer === null ? [] : [{ name, issuer, ...login }],
    ),
  }
}
