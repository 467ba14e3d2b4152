import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { answerWith, asked, corp, identifierOf, publishes } from './the-issuer.ts'

describe('a key that is new', () => {
  test('counts within seconds, and until then its issuer is not asked for each token', async () => {
    publishes(otherEc())
    const identifier = identifierOf()
    const token = await corp.token()
    expect(await identifier.identify(token)).toMatchObject({ reason: 'bad-token' })
    publishes(corp.jwk)
    const start = performance.now()
    let tries = 0
    await until('the new key to count', async () => {
      const many = await Promise.all(Array.from({ length: 20 }, () => identifier.identify(token)))
      tries += many.length
      return many.some(({ kind }) => kind === 'principal')
    })
    const seconds = (performance.now() - start) / 1000
    expect(tries).toBeGreaterThan(100)
    expect(asked.length).toBeLessThanOrEqual(2 + Math.ceil(seconds / 5))
  })

  test('an issuer that is away meanwhile is asked no oftener, and its known keys count', async () => {
    const identifier = identifierOf()
    const [known, unknown] = [await corp.token(), await corp.token({}, { kid: 'key-2' })]
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
    answerWith((_, response) => response.writeHead(500).end())
    await until('it to be asked again', async () => {
      await identifier.identify(unknown)
      return asked.length > 1
    })
    for (let i = 0; i < 20; i++) await identifier.identify(unknown)
    expect(asked).toHaveLength(2)
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
  })
})

describe('an issuer that says its keys are gone', () => {
  test('is believed: a token of a key that it had opens nothing from then on', async () => {
    const identifier = identifierOf()
    const [known, unknown] = [await corp.token(), await corp.token({}, { kid: 'key-2' })]
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
    answerWith((_, response) => response.writeHead(410).end())
    await until('it to be asked again', async () => {
      await identifier.identify(unknown)
      return asked.length > 1
    })
    expect(await identifier.identify(known)).toMatchObject({ kind: 'refused', reason: 'unavailable' })
  })
})

function otherEc(): Record<string, unknown> {
  return { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) }
}
