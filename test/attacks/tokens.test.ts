import { createHmac } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { patientRequest } from '../support/wire/patient-request.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const LIST = 'GET /api/v1/namespaces/dev/pods HTTP/1.1'

let boundary: Boundary
let good: string

beforeAll(async () => {
  boundary = await aBoundary()
  good = (await boundary.token('reads')).token
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

const send = (token: string) => patientRequest(boundary.port, [LIST, 'Host: b', `Authorization: Bearer ${token}`])
const now = () => Math.floor(Date.now() / 1000)
const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Claims of the good token with some of them changed, signed by the right key. */
function signed(claims: object, header: object = {}): Promise<string> {
  return boundary.forge({ ...decodeJwt(good), ...claims }, header)
}

describe('a lease token', () => {
  test('as it was given opens what its lease covers', async () => {
    expect((await send(good)).status).toBe(200)
    expect((await send(await signed({}))).status).toBe(200)
    expect(boundary.upstream.received).toHaveLength(2)
  })

  test.each([
    { name: 'alg none', make: () => `${part({ alg: 'none', typ: 'leasegate-lease+jwt' })}.${good.split('.')[1]}.` },
    { name: 'alg None with a signature', make: () => `${part({ alg: 'None' })}.${good.split('.').slice(1).join('.')}` },
    { name: 'an HMAC by the text of its kid', make: () => hmac('kid') },
    { name: 'an HMAC by nothing', make: () => hmac('') },
    { name: 'another kid', make: () => signed({}, { kid: 'other' }) },
    { name: 'a kid that is a path', make: () => signed({}, { kid: '../../../../dev/null' }) },
    { name: 'a kid that every object has', make: () => signed({}, { kid: '__proto__' }) },
    { name: 'a key by address (jku)', make: () => signed({}, { jku: 'http://127.0.0.1:1/keys' }) },
    { name: 'a certificate by address (x5u)', make: () => signed({}, { x5u: 'http://127.0.0.1:1/cert' }) },
    { name: 'a key brought along (jwk)', make: () => signed({}, { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } }) },
    { name: 'another type', make: () => signed({}, { typ: 'JWT' }) },
    { name: 'another audience', make: () => signed({ aud: 'leasegate' }) },
    { name: 'our audience and another', make: () => signed({ aud: [decodeJwt(good).aud, 'other'] as string[] }) },
    { name: 'another issuer', make: () => signed({ iss: 'https://elsewhere.example' }) },
    { name: 'an end that has passed', make: () => signed({ iat: now() - 200, exp: now() - 10 }) },
    { name: 'a life that is too long', make: () => signed({ exp: now() + 3600 }) },
    { name: 'a time before which it is not good', make: () => signed({ nbf: now() + 600 }) },
    { name: 'a beginning in the future', make: () => signed({ iat: now() + 120, exp: now() + 300 }) },
    { name: 'another agent', make: () => signed({ sub: 'admin' }) },
    { name: 'a lease that is not there', make: () => signed({ lease: 'lse_00000000000000000000000000' }) },
    { name: 'a claim twice', make: () => twice() },
    { name: 'a claim of its own', make: () => signed({ groups: ['system:masters'] }) },
    { name: 'bytes behind it', make: () => `${good}AAAA` },
    { name: 'a fourth part', make: () => `${good}.AAAA` },
    { name: 'five parts', make: () => `${part({ alg: 'dir', enc: 'A128GCM' })}.a.b.c.d` },
    { name: 'another signature', make: () => `${good.slice(0, -6)}AAAAAA` },
    { name: 'fifty kilobytes', make: () => `${good.split('.')[0]}.${part('a'.repeat(38_000))}.${good.split('.')[2]}` },
    { name: 'dots alone', make: () => '.'.repeat(10_000) },
  ])('with $name opens nothing', async ({ make }) => {
    const { status, body } = await send(await make())
    expect([400, 401, 403]).toContain(status)
    expect(JSON.parse(body)).toMatchObject({ kind: 'Status', status: 'Failure' })
    expect(boundary.upstream.received).toEqual([])
  })

  test('over and over with unknown keys holds nobody up', async () => {
    const odd = await Promise.all(Array.from({ length: 300 }, (_, index) => signed({}, { kid: `k${index}` })))
    const statuses: number[] = []
    const attack = Array.from({ length: 10 }, async (_, at) => {
      for (const token of odd.filter((_, index) => index % 10 === at)) statuses.push((await send(token)).status)
    })
    for (let i = 0; i < 10; i++) expect((await send(good)).status).toBe(200)
    await Promise.all(attack)
    expect(new Set(statuses)).toEqual(new Set([401]))
  })
})

function hmac(secret: string): string {
  const head = `${part({ alg: 'HS256', typ: 'leasegate-lease+jwt' })}.${good.split('.')[1]}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

/** Not by our key, which would not sign it; the parser must not get so far as to choose one of both. */
function twice(): string {
  const [head, , tail] = good.split('.')
  const text = JSON.stringify(decodeJwt(good))
  return `${head}.${part(`${text.slice(0, -1)},"sub":"admin"}`)}.${tail}`
}
