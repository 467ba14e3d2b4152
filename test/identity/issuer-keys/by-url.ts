import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Issuer } from '../../../src/policy/policy.ts'
import { stretched, until } from '../../support/until.ts'
import { answerWith, asked, caFile, corp, dir, identifierOf, SHORT, told, url } from './the-issuer.ts'

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
    answerWith(answers)
    const identifier = identifierOf()
    expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    expect(asked).toEqual(['/keys'])
    answerWith((_, response) => response.end(JSON.stringify({ keys: [corp.jwk] })))
    await until('its tokens to count', async () => (await identifier.identify(await corp.token())).kind === 'principal')
  })

  test.each([
    { status: 302, mend: 'no redirect is followed' },
    { status: 401, mend: 'name the token of one by jwks.tokenFile' },
    { status: 403, mend: 'name the token of one by jwks.tokenFile' },
    { status: 404, mend: 'jwks_uri in /.well-known/openid-configuration' },
    { status: 429, mend: 'it is asked again by itself' },
    { status: 503, mend: 'it is asked again by itself' },
  ])(
    'of status $status the log says from where, which, and what mends it, and the caller hears none of that',
    async ({ status, mend }) => {
      answerWith((_, response) => response.writeHead(status, { location: 'https://elsewhere.example' }).end())
      expect(await identifierOf().identify(await corp.token())).toEqual(SHORT)
      expect(told).toEqual([
        expect.stringContaining(
          `the keys of issuer corp cannot be had from ${url}: it answers with status ${status}; `,
        ),
      ])
      expect(told[0]).toContain(mend)
    },
  )

  test('of a certificate that it does not know the log says that, and which key names its CA', async () => {
    expect(await identifierOf(null).identify(await corp.token())).toEqual(SHORT)
    expect(told).toEqual([expect.stringMatching(/its certificate is of an unknown CA; name its CA by jwks.caFile$/)])
  })

  test.each<{ name: string; jwks: () => Issuer['jwks'] }>([
    { name: 'a file that is not there', jwks: () => ({ kind: 'file', path: join(dir, 'none', 'keys.json') }) },
    { name: 'a CA file that is not there', jwks: () => ({ kind: 'url', url, caFile: join(dir, 'none.pem') }) },
    {
      name: 'an address inside where nobody listens',
      jwks: () => ({ kind: 'url', url: 'http://127.0.0.1:1/internal/keys', caFile: null }),
    },
  ])('nothing of where keys are is told to whoever brings a token: $name', async ({ jwks }) => {
    expect(await identifierOf(null, undefined, jwks()).identify(await corp.token())).toEqual(SHORT)
    expect(told).toHaveLength(1)
  })

  test('of a URL it shows nothing that may be a secret', async () => {
    answerWith((_, response) => response.writeHead(404).end())
    const secret = url.replace('https://', 'https://me:hush@').replace('/keys', '/keys?token=hush')
    const found = await identifierOf(caFile, corp.issuer.algorithms, { url: secret }).identify(await corp.token())
    expect(told.join()).toContain('status 404')
    expect(JSON.stringify([found, told])).not.toContain('hush')
  })

  test('an issuer that fails at once is asked once a second, however many tokens come', async () => {
    answerWith((_, response) => response.writeHead(500).end())
    const identifier = identifierOf()
    const token = await corp.token()
    const start = performance.now()
    let tries = 0
    while (asked.length < 2) {
      expect(await identifier.identify(token)).toMatchObject({ reason: 'unavailable' })
      tries += 1
    }
    expect(tries).toBeGreaterThan(20)
    expect(performance.now() - start).toBeGreaterThan(900)
  })

  test('an issuer that does not answer is given up on', async () => {
    answerWith(() => {})
    const start = performance.now()
    expect(await identifierOf().identify(await corp.token())).toMatchObject({ reason: 'unavailable' })
    expect(performance.now() - start).toBeLessThan(stretched(4500))
  })
})
