import * as oidc from 'openid-client'
import { askIssuer, type LoginClient, saidBy, toLoginError } from './issuer-client.ts'
import { LoginError } from './login-error.ts'
import { type LoginTokens, toLoginTokens } from './login-tokens.ts'

/**
 * The next identity token, of the same person (OpenID Connect Core 12.2), and the refresh token that counts from now on. Null: the issuer
 * does not take this refresh token any more. Rejects with a LoginError.
 */
export async function renewLogin(
  client: LoginClient,
  { subject, refreshToken }: { readonly subject: string; readonly refreshToken: string },
): Promise<LoginTokens | null> {
  const { config, issuer } = await askIssuer(client)
  const response = await oidc.refreshTokenGrant(config, refreshToken).catch((cause: unknown) => {
    if (saidBy(cause) === 'invalid_grant') return null
    return toLoginError(issuer)(cause)
  })
  if (response === null) return null
  const next = toLoginTokens(response, issuer)
  if (next.subject !== subject) throw new LoginError('refused', `${issuer} renewed the login of somebody else`)
  return { ...next, refreshToken: next.refreshToken ?? refreshToken }
}

/** RFC 7009. False: the issuer has no place for it. Rejects with a LoginError. */
export async function revokeLogin(client: LoginClient, refreshToken: string): Promise<boolean> {
  const { config, issuer } = await askIssuer(client)
  if (config.serverMetadata().revocation_endpoint === undefined) return false
  await oidc.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' }).catch(toLoginError(issuer))
  return true
}
