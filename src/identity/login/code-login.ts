import * as oidc from 'openid-client'
import { type AskedIssuer, publicUrl, toLoginError } from './issuer-client.ts'
import { type LoginTokens, toLoginTokens } from './login-tokens.ts'
import { type Wanted, wantedScopes } from './wanted-scopes.ts'

export interface CodeLogin {
  /** For the browser. */
  readonly url: string
  /** What comes back has it; whatever has not is somebody else's. */
  readonly state: string
  /** For the query that came back. Rejects with a LoginError. */
  finish(query: string): Promise<LoginTokens>
}

/** Authorization code with PKCE, state and nonce, for a program on somebody's machine (RFC 8252, RFC 7636, RFC 9207). */
export async function beginCodeLogin(asked: AskedIssuer, redirectUri: string, wanted: Wanted): Promise<CodeLogin> {
  const { config, issuer } = asked
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
  const refused = toLoginError(issuer)
  publicUrl(config.serverMetadata().authorization_endpoint ?? '', asked)
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    ...wantedScopes(wanted, asked),
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  return {
    url: url.href,
    state,
    finish: async query => {
      const back = new URL(redirectUri)
      back.search = query
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
      return toLoginTokens(await oidc.authorizationCodeGrant(config, back, checks).catch(refused), issuer)
    },
  }
}
