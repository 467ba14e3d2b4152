import { readFile } from 'node:fs/promises'
import * as oidc from 'openid-client'
import { issuerFetch } from './issuer-fetch.ts'
import { type SignIn, SignInError } from './sign-in.ts'

export interface OidcSettings {
  readonly issuer: string
  /** CA of the issuer; null: the system's. */
  readonly issuerCaFile: string | null
  readonly clientId: string
  /** Null: a public client, which has PKCE alone. */
  readonly clientSecretFile: string | null
  readonly scopes: string
  /** Of the console, as the issuer knows it. */
  readonly redirectUri: string
}

/** Authorization code with PKCE, state and nonce (OpenID Connect Core 3.1, RFC 7636). Asks the issuer about itself when it is first needed. */
export function oidcSignIn(settings: OidcSettings): SignIn {
  const { redirectUri, scopes } = settings
  let known: Promise<oidc.Configuration> | null = null
  const provider = (): Promise<oidc.Configuration> => {
    known ??= discover(settings).catch(cause => {
      known = null
      throw new SignInError('unavailable', 'the identity provider cannot be asked', cause)
    })
    return known
  }
  return {
    begin: async to => {
      const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
      const url = oidc.buildAuthorizationUrl(await provider(), {
        redirect_uri: redirectUri,
        scope: scopes,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, attempt: { state, nonce, verifier, to } }
    },
    finish: async (query, { state, nonce, verifier }) => {
      const back = new URL(redirectUri)
      back.search = query
      const checks = {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }
      const tokens = await oidc.authorizationCodeGrant(await provider(), back, checks).catch(toSignInError)
      return tokens.id_token ?? toSignInError(new Error('no identity token'))
    },
    endUrl: async () => (await provider()).serverMetadata().end_session_endpoint ?? null,
  }
}

async function discover(settings: OidcSettings): Promise<oidc.Configuration> {
  const { issuer, issuerCaFile, clientId, clientSecretFile } = settings
  const ca = issuerCaFile === null ? null : await readFile(issuerCaFile, 'utf8')
  const secret = clientSecretFile === null ? null : (await readFile(clientSecretFile, 'utf8')).trim()
  const options: oidc.DiscoveryRequestOptions = { [oidc.customFetch]: issuerFetch(ca) }
  // Plain http is for loopback, which the setting sees to.
  if (issuer.startsWith('http:')) options.execute = [oidc.allowInsecureRequests]
  const found = await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    secret === null ? oidc.None() : undefined,
    options,
  )
  if (secret === null) return found
  const metadata = found.serverMetadata()
  const known = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const authentication = known.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(secret)
    : oidc.ClientSecretPost(secret)
  const config = new oidc.Configuration(metadata, clientId, undefined, authentication)
  config[oidc.customFetch] = issuerFetch(ca)
  if (issuer.startsWith('http:')) oidc.allowInsecureRequests(config)
  return config
}

/** An answer that came is a no; everything else is nobody's. What the issuer said is for the log. */
function toSignInError(cause: unknown): never {
  const { code } = cause as { readonly code?: unknown }
  const isAnswer =
    cause instanceof oidc.AuthorizationResponseError ||
    cause instanceof oidc.ResponseBodyError ||
    cause instanceof oidc.ClientError ||
    (typeof code === 'string' && code.startsWith('OAUTH_'))
  throw isAnswer
    ? new SignInError('refused', 'the sign-in was refused, or is not the one that this browser began', cause)
    : new SignInError('unavailable', 'the identity provider cannot be asked', cause)
}
