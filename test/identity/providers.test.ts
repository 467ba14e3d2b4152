import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Identifier } from '../../src/identity/identifier.ts'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import { describeProblems, parsePolicy } from '../../src/policy/load/policy-file.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { EVERYWHERE, type Provider, type SignedBy, type Variant } from './providers/a-provider.ts'
import { CONTINUOUS_INTEGRATION } from './providers/continuous-integration.ts'
import { ENTRA } from './providers/entra.ts'
import { GOOGLE } from './providers/google.ts'
import { KEYCLOAK } from './providers/keycloak.ts'
import { KUBERNETES } from './providers/kubernetes.ts'
import { LOGIN } from './providers/login.ts'
import { OKTA } from './providers/okta.ts'
import { SPIFFE } from './providers/spiffe.ts'
import { TOKEN_EXCHANGE } from './providers/token-exchange.ts'

const PROVIDERS = [
  ...LOGIN,
  ...KUBERNETES,
  ...ENTRA,
  ...OKTA,
  ...KEYCLOAK,
  ...GOOGLE,
  ...CONTINUOUS_INTEGRATION,
  ...TOKEN_EXCHANGE,
  ...SPIFFE,
]

/** The policy files that docs/identity.md shows, each as it stands there; the one about certificates is tried in `certificate`. */
const PAGE = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8')
const SNIPPETS = [...PAGE.matchAll(/^## (.+)\n[\s\S]*?```yaml\n([\s\S]*?)```/gm)]
  .map(([, title = '', text = '']) => {
    const parsed = parsePolicy(`boundaryNamespace: leasegate\n${text}`, 'policy.yaml')
    if (parsed.kind === 'problems') throw new Error(`${title}\n${describeProblems(parsed.problems, 'policy.yaml')}`)
    return { title, policy: parsed.policy }
  })
  .filter(({ policy }) => policy.issuers.length > 0)

function snippetOf(issuer: string): Policy {
  const found = SNIPPETS.find(({ policy }) => policy.issuers.some(({ name }) => name === issuer))
  if (found === undefined) throw new Error(`docs/identity.md has no issuer ${issuer}`)
  return found.policy
}

test('every issuer, agent and person that the page shows is tried', () => {
  const shown = SNIPPETS.flatMap(({ policy: { issuers } }) => issuers.map(({ name }) => name))
  expect([...new Set(PROVIDERS.map(({ issuer }) => issuer))]).toEqual(shown)
  const who = SNIPPETS.flatMap(({ policy: { agents, people } }) => [...agents, ...people].map(({ name }) => name))
  expect(new Set(PROVIDERS.map(({ is }) => is))).toEqual(new Set(who))
})

const keys = new Map<string, { readonly own: SignedBy; readonly forger: SignedBy }>()
const published = new Map<string, string>()
let server: Server
let url: string

async function keysOf(algorithm: string): Promise<SignedBy> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { publicKey: { ...(await exportJWK(publicKey)), kid: 'key-1' }, privateKey }
}

beforeAll(async () => {
  for (const algorithm of ['RS256', 'ES256']) {
    keys.set(algorithm, { own: await keysOf(algorithm), forger: await keysOf(algorithm) })
  }
  server = createServer((request, response) => response.end(published.get(request.url ?? '')))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

function signedBy({ algorithm }: Provider, who: 'own' | 'forger' = 'own'): SignedBy {
  const found = keys.get(algorithm)
  if (found === undefined) throw new Error(`no key for ${algorithm}`)
  return found[who]
}

/** The page's policy, with keys that are fetched from here. */
function identifierOf(provider: Provider): Identifier {
  const snippet = snippetOf(provider.issuer)
  const path = `/${provider.issuer}/${provider.is}`
  published.set(path, JSON.stringify(provider.jwks(signedBy(provider).publicKey)))
  const issuers = snippet.issuers.map(one => ({
    ...one,
    jwks: { kind: 'url' as const, url: `${url}${path}`, caFile: null },
  }))
  return jwtIdentifier({
    policy: () => ({ ...snippet, issuers }),
    clock: Date.now,
    onUnavailable: error => {
      throw error
    },
  })
}

function tokenOf(provider: Provider, { claims = {}, header = {} }: Variant, by = signedBy(provider)): Promise<string> {
  const given = (all: object) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const signing = { alg: provider.algorithm, kid: 'key-1', ...provider.header, ...header }
  return new SignJWT(given({ ...provider.claims, ...claims }))
    .setProtectedHeader(given(signing) as { alg: string })
    .sign(by.privateKey)
}

describe.each(PROVIDERS.map(provider => ({ provider, title: `${provider.issuer}, ${provider.is}` })))(
  'a token of $title',
  ({ provider }) => {
    const { lookAlikes, alsoGood = [] } = provider

    test.each([{ name: 'as it is' }, ...alsoGood])('$name, leads there', async variant => {
      const found = await identifierOf(provider).identify(await tokenOf(provider, variant))
      expect(found).toMatchObject({ kind: 'principal' })
      const name =
        found.kind !== 'principal'
          ? ''
          : found.principal.kind === 'agent'
            ? found.principal.agent
            : found.principal.name
      expect(name).toBe(provider.is)
    })

    test.each([...EVERYWHERE, ...lookAlikes])('$name, is refused', async variant => {
      const by = signedBy(provider, variant.forged === true ? 'forger' : 'own')
      const found = await identifierOf(provider).identify(await tokenOf(provider, variant, by))
      expect(found).toMatchObject({ kind: 'refused', reason: variant.reason ?? 'bad-token' })
    })
  },
)
