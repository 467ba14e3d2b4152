import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { exportJWK } from 'jose'
import Provider from 'oidc-provider'
import { MemoryAdapter } from '../../../local/edition/sign-in/memory-adapter.ts'
import type { TestIssuer } from '../../support/issuer.ts'

export interface AuthorizationServer {
  readonly issuer: string
  stop(): Promise<void>
}

interface Options {
  readonly port: number
  /** Whose key signs the tokens. */
  readonly keys: TestIssuer
  readonly redirectUri: string
  /** What tokens may be asked for; everybody who wants one is this person. */
  readonly resources: readonly string[]
  readonly person: string
}

/** A real authorization server with resource indicators and PKCE, where nobody has to type a password. */
export async function anAuthorizationServer({
  port,
  keys,
  redirectUri,
  resources,
  person,
}: Options): Promise<AuthorizationServer> {
  const issuer = `http://127.0.0.1:${port}`
  const key = { ...keys.jwk, ...(await exportJWK(keys.key)) }
  const provider: Provider = new Provider(issuer, {
    adapter: MemoryAdapter,
    clients: [
      {
        client_id: 'a-model',
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        application_type: 'native',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [key as never] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => {
          if (!resources.includes(resource)) throw new Error('no such resource')
          return { scope: 'leases', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
        useGrantedResource: () => true,
      },
    },
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session } = oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      for (const resource of resources) grant.addResourceScope(resource, 'leases')
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  })
  const answer = provider.callback()
  const server = createServer((request, response) => {
    const isSignIn = request.url?.startsWith('/sign-in/') === true
    if (isSignIn) void provider.interactionFinished(request, response, { login: { accountId: person }, consent: {} })
    else void answer(request, response)
  })
  await new Promise<void>(resolve => void server.listen(port, '127.0.0.1', resolve))
  return {
    issuer,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a browser does: follows where it is sent, with the cookies that it got, until it is sent to `until`. */
export async function browse(from: URL, until: string): Promise<URLSearchParams> {
  const cookies = new Map<string, string>()
  let at = from
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`no way on from ${at.pathname}: ${answer.status} ${await answer.text()}`)
    at = new URL(location, at)
    if (at.href.startsWith(until)) return at.searchParams
  }
  throw new Error('sent in a circle')
}
