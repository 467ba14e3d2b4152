import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import { PEOPLE_ALGORITHM } from '../people.ts'
import { AUDIENCE, LOGIN_CLIENT } from '../policy-text.ts'
import { DEVICE_PAGES } from './device-pages.ts'
import { MemoryAdapter } from './memory-adapter.ts'
import { type Known, signInForm } from './sign-in-form.ts'

export interface IdentityProviderOptions extends Known {
  readonly port: number
  /** Private; identity tokens are signed with it. */
  readonly key: JWK
  readonly clientSecret: string
  readonly redirectUri: string
  /** How long an identity token counts, seconds. */
  readonly idTokenSeconds?: number
  /** How long a device code does. */
  readonly deviceCodeSeconds?: number
  /** Another public client, by which people consent to what an agent does for them. */
  readonly consentClient?: string
  /** Between a request and its answer. */
  readonly between?: Parameters<Provider['use']>[0]
}

export interface IdentityProvider {
  readonly issuer: string
  stop(): Promise<void>
}

export function issuerAt(port: number): string {
  return `http://127.0.0.1:${port}`
}

/** A real OpenID Connect provider for the people of one machine: what a company has in its place speaks the same protocol. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const issuer = issuerAt(options.port)
  const provider = new Provider(issuer, configuration(options))
  if (options.between !== undefined) provider.use(options.between)
  const answer = provider.callback()
  const server = createServer((request, response) => {
    const isForm = request.url?.startsWith('/sign-in/') === true
    void (isForm ? signInForm(provider, options, request, response).catch(failed(response)) : answer(request, response))
  })
  await new Promise<void>(resolve => void server.listen(options.port, '127.0.0.1', resolve))
  // Whoever waits for a page does not keep the process.
  server.unref()
  return {
    issuer,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Seconds. */
const TTL = {
  AccessToken: 600,
  AuthorizationCode: 60,
  Grant: 8 * 3600,
  Interaction: 600,
  RefreshToken: 8 * 3600,
  Session: 8 * 3600,
}

/** The program has no secret, and comes back to a port of its own machine (RFC 8252). */
function publicClient(id: string, name: string) {
  return {
    client_id: id,
    client_name: name,
    application_type: 'native' as const,
    token_endpoint_auth_method: 'none' as const,
    redirect_uris: ['http://127.0.0.1/signed-in'],
    response_types: ['code' as const],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    id_token_signed_response_alg: PEOPLE_ALGORITHM as 'ES256',
  }
}

function configuration(options: IdentityProviderOptions): Configuration {
  const { key, clientSecret, redirectUri, people, consentClient } = options
  const { idTokenSeconds = 3600, deviceCodeSeconds = 600 } = options
  return {
    adapter: MemoryAdapter,
    clients: [
      {
        client_id: AUDIENCE,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        id_token_signed_response_alg: PEOPLE_ALGORITHM,
      },
      publicClient(LOGIN_CLIENT, 'leasegate'),
      ...(consentClient === undefined ? [] : [publicClient(consentClient, 'an agent that acts for you')]),
    ],
    jwks: { keys: [key as never] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
    // With the identity token itself: the console asks for nothing else.
    conformIdTokenClaims: false,
    findAccount: (_, id) =>
      people.includes(id)
        ? { accountId: id, claims: async () => ({ sub: id, name: id, email: `${id}@example.com` }) }
        : undefined,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async () => true },
      deviceFlow: DEVICE_PAGES,
    },
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    // Nobody has to agree that a console on their own machine learns their name.
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc
      const accountId = session?.accountId
      if (client === undefined || accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId })
      grant.addOIDCScope('openid email profile offline_access')
      await grant.save()
      return grant
    },
    ttl: { ...TTL, DeviceCode: deviceCodeSeconds, IdToken: idTokenSeconds },
    renderError: (context, { error }) => {
      context.type = 'text'
      context.body = `sign-in failed: ${error}\n`
    },
  }
}

function failed(response: ServerResponse<IncomingMessage>): () => void {
  return () => void response.writeHead(400, { 'content-type': 'text/plain' }).end('this sign-in is over; begin again\n')
}
