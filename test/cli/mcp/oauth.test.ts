import { readFile, writeFile } from 'node:fs/promises'
import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { freePort } from '../../../local/process/ports.ts'
import { blocksOf } from '../../clients/python/page.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { CliWorld } from '../cli-world.ts'
import { type AuthorizationServer, anAuthorizationServer, browse } from './an-authorization-server.ts'
import { HttpServer, INITIALIZE } from './an-http-server.ts'

const REDIRECT = 'http://127.0.0.1:9/callback'
const OTHER = 'https://other.example/mcp'

let world: CliWorld
let authorization: AuthorizationServer
let server: HttpServer
beforeAll(async () => {
  world = await CliWorld.start()
  const address = `127.0.0.1:${await freePort()}`
  const resource = `http://${address}/mcp`
  const port = await freePort()
  const keys = await TestIssuer.create({ issuer: `http://127.0.0.1:${port}`, audience: resource })
  const resources = [resource, OTHER]
  authorization = await anAuthorizationServer({ port, keys, redirectUri: REDIRECT, resources, person: 'ada' })
  const here = (text: string) =>
    text
      .replaceAll('https://mcp.example.com/mcp', resource)
      .replaceAll('https://login.example.com', authorization.issuer)
      .replaceAll('127.0.0.1:8765', address)
  await believe(here(onPage('yaml', 'issuers:')))
  const [, , ...typed] = here(onPage('sh', 'leasegate mcp --http')).replaceAll('\\\n', ' ').trim().split(/\s+/)
  server = await HttpServer.start(world, typed.slice(1), { url: resource })
})
afterAll(async () => {
  await server?.stop()
  await authorization?.stop()
  await world?.stop()
})

/** What docs/mcp.md has of that. */
function onPage(language: string, has: string): string {
  const found = blocksOf('docs/mcp.md').find(block => block.language === language && block.text.includes(has))
  return found?.text ?? ''
}

/** The page's part of a policy: the model's program is the agent, and whoever signed in to it the one that it acts for. */
async function believe(part: string): Promise<void> {
  const policy = parse(await readFile(world.path('policy.yaml'), 'utf8'))
  const { issuers, agents } = parse(part)
  policy.issuers.push(...issuers)
  policy.agents.push(...agents)
  policy.templates[0].grants.push({ agent: 'assistant', namespaces: ['shop'] })
  await writeFile(world.path('policy.yaml'), stringify(policy))
  await world.stopBroker()
  await world.startBroker()
}

/** Registered beforehand, as the specification has it for clients that know their authorization server. */
class Registered implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT
  readonly clientMetadata = { redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none', client_name: 'a model' }
  sentTo: URL | null = null
  token = ''
  #verifier = ''

  clientInformation() {
    return { client_id: 'a-model', issuer: authorization.issuer }
  }

  tokens() {
    return this.token === ''
      ? undefined
      : { access_token: this.token, token_type: 'Bearer', issuer: authorization.issuer }
  }

  saveTokens({ access_token }: { readonly access_token: string }): void {
    this.token = access_token
  }

  redirectToAuthorization(url: URL): void {
    this.sentTo = url
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }
}

describe('leasegate mcp --http with an authorization server', () => {
  test.each(['legacy', 'auto'] as const)('is found, signed in to and used by the client alone (%s)', async mode => {
    const provider = new Registered()
    const transport = () => new StreamableHTTPClientTransport(new URL(server.url), { authProvider: provider })
    const client = () => new Client({ name: 'a-model', version: '1' }, { versionNegotiation: { mode } })
    const first = transport()
    await expect(client().connect(first)).rejects.toThrow(UnauthorizedError)
    expect(provider.sentTo?.searchParams.get('resource')).toBe(server.url)
    expect(provider.sentTo?.searchParams.get('scope')).toBe('leases')
    await first.finishAuth(await browse(provider.sentTo ?? new URL(server.url), REDIRECT))
    expect(decodeJwt(provider.token)).toMatchObject({ aud: server.url, client_id: 'a-model', sub: 'ada' })

    const signedIn = client()
    await signedIn.connect(transport())
    const me = await signedIn.callTool({ name: 'whoami', arguments: {} })
    expect(me.structuredContent).toMatchObject({ agent: 'assistant', sponsor: 'ada' })
    const wish = { template: 'restart-web', reason: 'it hangs', ttl: '1m' }
    const { structuredContent: lease } = await signedIn.callTool({ name: 'request_lease', arguments: wish })
    expect(lease).toMatchObject({ state: 'active', namespaces: ['shop'] })
    await signedIn.callTool({ name: 'give_back', arguments: { lease: (lease as { lease: string }).lease } })
    await signedIn.close()
  })

  test('takes no token that the same server gave out for another', async () => {
    const provider = new Registered()
    const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider: provider })
    await expect(new Client({ name: 'a', version: '1' }).connect(transport)).rejects.toThrow(UnauthorizedError)
    const asked = new URL(provider.sentTo ?? server.url)
    asked.searchParams.set('resource', OTHER)
    const code = (await browse(asked, REDIRECT)).get('code') ?? ''
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT,
      client_id: 'a-model',
      resource: OTHER,
    }
    const body = new URLSearchParams({ ...form, code_verifier: provider.codeVerifier() })
    const answer = await fetch(`${authorization.issuer}/token`, { method: 'POST', body })
    const { access_token: token } = (await answer.json()) as { readonly access_token: string }
    expect(decodeJwt(token)).toMatchObject({ aud: OTHER })
    const refused = await server.post(INITIALIZE, { authorization: `Bearer ${token}` })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('its audience is not this server')
  })
})
