import * as oidc from 'openid-client'
import { type AskedIssuer, publicUrl, toLoginError } from './issuer-client.ts'
import { LoginError } from './login-error.ts'
import { type LoginTokens, toLoginTokens } from './login-tokens.ts'
import { type Wanted, wantedScopes } from './wanted-scopes.ts'

export interface DeviceLogin {
  /** Where the code is entered, in any browser. */
  readonly url: string
  /** The same with the code in it; null where the issuer has none. */
  readonly directUrl: string | null
  readonly code: string
  readonly validMs: number
  /** Asks as often as the issuer lets it, until somebody said yes or no, or the time is over. Rejects with a LoginError. */
  finish(stopping: AbortSignal): Promise<LoginTokens>
}

/** RFC 8628: for a machine without a browser. */
export async function beginDeviceLogin(asked: AskedIssuer, wanted: Wanted): Promise<DeviceLogin> {
  const { config, issuer } = asked
  const refused = toLoginError(issuer)
  if (config.serverMetadata().device_authorization_endpoint === undefined)
    throw new LoginError('refused', `${issuer} has no device codes: log in without --device`)
  const { scope = '' } = wantedScopes(wanted, asked)
  const begun = await oidc.initiateDeviceAuthorization(config, { scope }).catch(refused)
  // Its words go to a terminal.
  if (!/^[\p{L}\p{N} -]{1,40}$/u.test(begun.user_code))
    throw new LoginError('refused', `${issuer} gave a code that nobody can read`)
  const direct = begun.verification_uri_complete
  const validMs = begun.expires_in * 1000
  return {
    url: publicUrl(begun.verification_uri, asked).href,
    directUrl: direct === undefined ? null : publicUrl(direct, asked).href,
    code: begun.user_code,
    validMs,
    finish: async stopping => {
      const over = AbortSignal.timeout(validMs)
      const signal = AbortSignal.any([stopping, over])
      const response = await oidc.pollDeviceAuthorizationGrant(config, begun, undefined, { signal }).catch(cause => {
        if (stopping.aborted) throw new LoginError('refused', 'stopped; you are not logged in', cause)
        if (over.aborted) throw new LoginError('late', 'nobody signed in while the code was valid', cause)
        return refused(cause)
      })
      return toLoginTokens(response, issuer)
    },
  }
}
