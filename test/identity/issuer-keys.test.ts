import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../local/pki.ts'
import type { Identifier } from '../../src/identity/identifier.ts'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import { TestIssuer } from '../support/issuer.ts'
import { aPolicy } from './a-policy.ts'

let dir: string
let server: Server
let url: string
let caFile: string
let asked: string[]
let answer: RequestListener
let corp: TestIssuer

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-jwks-'))
  const authority = await createAuthority(dir)
  const files = await authority.issue({ name: 'issuer', subject: 'CN=issuer', servedAs: ['127.0.0.1'] })
  caFile = authority.caFile
  const [cert, key] = [await readFile(files.certificateFile), await readFile(files.keyFile)]
  server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  corp = await TestIssuer.create()
})
beforeEach(() => {
  asked = []
  answer = (_, response) => response.end(JSON.stringify({ keys: [corp.jwk] }))
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true })
})

function identifierOf(ca: string | null = caFile): Identifier {
  const policy = aPolicy({
    issuers: [{ ...corp.issuer, jwks: { kind: 'url', url, caFile: ca } }],
    agents: [
      { name: 'web', match: { issuer: 'corp', claims: { sub: 'agent-7' } }, sponsor: { kind: 'fixed', name: '' } },
    ],
  })
  return jwtIdentifier({ policy: () => policy, clock: Date.now, onUnavailable: () => {} })
}

describe('issuerKeys by URL', () => {
  test('fetches the keys once for many tokens', async () => {
    const identifier = identifierOf()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => corp.token()))
    const found = await Promise.all(tokens.map(token => identifier.identify(token)))
    expect(found.every(({ kind }) => kind === 'principal')).toBe(true)
    expect(asked).toEqual(['/keys'])
  })

  test('unknown key ids do not make it ask again and again', async () => {
    const identifier = identifierOf()
    await identifier.identify(await corp.token())
    for (let i = 0; i < 10; i++) {
      expect(await identifier.identify(await corp.token({}, { kid: `key-${i + 2}` }))).toMatchObject({
        reason: 'bad-token',
      })
    }
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  test('trusts the named CA alone', async () => {
    expect(await identifierOf(null).identify(await corp.token())).toMatchObject({ reason: 'unavailable' })
    expect(asked).toEqual([])
  })

  test.each<{ name: string; answers: RequestListener }>([
    { name: 'an error', answers: (_, response) => response.writeHead(500).end('{"keys":[]}') },
    { name: 'no JSON', answers: (_, response) => response.end('<html>') },
    { name: 'no key set', answers: (_, response) => response.end('{"keys":{}}') },
    { name: 'far too much', answers: (_, response) => response.end(`{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`) },
    {
      name: 'half an answer',
      answers: (_, response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
    },
    { name: 'a redirect', answers: (_, response) => response.writeHead(302, { location: '/elsewhere' }).end() },
  ])('an issuer that answers with $name is unavailable, and nobody passes', async ({ answers }) => {
    answer = answers
    const identifier = identifierOf()
    expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    expect(asked).toEqual(['/keys'])
    answer = (_, response) => response.end(JSON.stringify({ keys: [corp.jwk] }))
    expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'principal' })
  })

  test('an issuer that does not answer is given up on', async () => {
    answer = () => {}
    const start = performance.now()
    expect(await identifierOf().identify(await corp.token())).toMatchObject({ reason: 'unavailable' })
    expect(performance.now() - start).toBeLessThan(4500)
  })
})
