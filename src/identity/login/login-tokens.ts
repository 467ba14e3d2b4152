import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import { LoginError } from './login-error.ts'

export interface LoginTokens {
  readonly idToken: string
  readonly subject: string
  /** Of the identity token, epoch milliseconds. */
  readonly expiresAt: number
  /** Null: it gave none. */
  readonly refreshToken: string | null
}

/** Its signature is for the broker to verify; that it is of this issuer and for this client was looked at when it came. */
export function toLoginTokens(
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
  issuer: string,
): LoginTokens {
  const claims = response.claims()
  if (response.id_token === undefined || claims === undefined)
    throw new LoginError('refused', `${issuer} gave no identity token`)
  const refreshToken = response.refresh_token ?? null
  return { idToken: response.id_token, subject: claims.sub, expiresAt: claims.exp * 1000, refreshToken }
}
