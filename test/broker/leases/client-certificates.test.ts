import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Agent, CertificateAuthority, TaskTemplate } from '../../../src/policy/policy.ts'
import type { BrokerRefusal } from '../../../src/record/journal/journal-entry.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import {
  anAuthority,
  type ClientCertificate,
  spiffe,
  type TestAuthority,
} from '../../support/certificates/an-authority.ts'
import { stretched } from '../../support/until.ts'
import { type Answered, TestBroker } from '../test-broker.ts'

const of = (name: string) => spiffe(`spiffe://prod.corp.example/ns/agents/sa/${name}`)
const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop-dev'] }

let broker: TestBroker
let authority: TestAuthority
let directory: string
beforeAll(async () => {
  broker = await TestBroker.start()
  directory = await mkdtemp(join(tmpdir(), 'lg-holders-'))
  authority = await anAuthority()
  await writeFile(join(directory, 'roots.pem'), authority.pem)
  under('name')
})
afterAll(async () => {
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})
afterEach(async () => {
  under('name')
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

let known: readonly Agent[]
let plain: readonly TaskTemplate[]
function under(boundTo: CertificateAuthority['boundTo'], template: Partial<TaskTemplate> = {}): void {
  known ??= broker.policy.agents
  plain ??= broker.policy.templates
  const mesh = { name: 'mesh', trustDomain: 'prod.corp.example', file: join(directory, 'roots.pem'), boundTo }
  const svid: Agent = {
    name: 'svid',
    match: { issuer: 'mesh', claims: { sub: of('svid').names[0]?.value as string } },
    sponsor: { kind: 'fixed', name: 'ada' },
  }
  const grants = [...(plain[0]?.grants ?? []), { agent: 'svid', namespaces: ['shop-dev'] }]
  const templates = plain.map(each => ({ ...each, grants, ...template }))
  broker.policy = { ...broker.policy, certificateAuthorities: [mesh], agents: [...known, svid], templates }
}

/** As Envoy tells of a connection. */
function over({ cert }: ClientCertificate): Record<string, string> {
  return { 'x-forwarded-client-cert': `Hash=00;Chain="${encodeURIComponent(cert)}"` }
}

function thumbprintOf({ cert }: ClientCertificate): string {
  return Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
}

/** What came on record since the last look. */
async function refusals(): Promise<readonly BrokerRefusal[]> {
  const reader = new RedisJournalReader(broker.link, { consumer: 'a-tap' })
  const items = await reader.read(1000, AbortSignal.timeout(stretched(1000)))
  await reader.acknowledge(items)
  reader.close()
  return items.flatMap(item => ('entry' in item && item.entry.kind === 'broker-refusal' ? [item.entry] : []))
}

interface Given {
  readonly by?: ClientCertificate | null
  readonly token?: string | null
  readonly body?: object
}

async function call(method: string, path: string, { by = null, token = null, body }: Given): Promise<Answered> {
  return broker.call(method, path, {
    ...(token === null ? {} : { token: await broker.token(token) }),
    ...(body === undefined ? {} : { body }),
    headers: by === null ? {} : over(by),
  })
}

const ask = (given: Given, wish: object = {}) => call('POST', '/v1/leases', { ...given, body: { ...WISH, ...wish } })
const renew = (id: string, given: Given) => call('POST', `/v1/leases/${id}/token`, { ...given, body: {} })

describe('an agent by its client certificate', () => {
  test('is who its authority says, without a token', async () => {
    const by = await authority.issue(of('svid'))
    expect(await call('GET', '/v1/whoami', { by })).toMatchObject({ status: 200, body: { name: 'svid' } })
    expect(await ask({ by })).toMatchObject({ status: 201, body: { agent: 'svid', sponsor: 'ada', issuer: 'mesh' } })
  })

  test.each([
    ['of nobody who is registered', async () => authority.issue(of('stranger')), 403, 'registers no agent'],
    ['of another authority', async () => (await anAuthority()).issue(of('svid')), 401, 'not one that is believed'],
    ['that has expired', async () => authority.issue({ ...of('svid'), from: -7e6, until: -6e6 }), 401, 'has expired'],
  ])('is refused with one %s', async (_, make, status, says) => {
    const by = await make()
    const answer = await call('GET', '/v1/whoami', { by })
    expect(answer).toMatchObject({ status, body: { message: expect.stringContaining(says) } })
    expect(await call('GET', '/v1/whoami', { by, token: 'web-operator' })).toMatchObject({
      status: status === 401 ? 401 : 200,
    })
  })

  test('is refused with the token of another', async () => {
    const by = await authority.issue(of('svid'))
    const answer = await call('GET', '/v1/whoami', { by, token: 'web-operator' })
    expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining("svid's") } })
  })

  test('is refused with one that is that of several, whatever the token', async () => {
    const [first, ...rest] = broker.policy.agents
    const svid = rest.at(-1)
    if (first === undefined || svid === undefined) throw new Error('no agents')
    broker.policy = { ...broker.policy, agents: [first, ...rest, { ...svid, name: 'twin' }] }
    const answer = await call('GET', '/v1/whoami', { by: await authority.issue(of('svid')), token: 'web-operator' })
    expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('not unique') } })
  })

  test.each(['', 'Chain=""', 'Chain="%"', 'Hash=00', `Chain="${'A'.repeat(30_000)}"`, 'By=x,Chain="x"'])(
    'is nobody where Envoy says %j',
    async said => {
      const headers = { 'x-forwarded-client-cert': said }
      expect(await broker.call('GET', '/v1/whoami', { headers })).toMatchObject({
        status: expect.toBeOneOf([401, 431]),
      })
    },
  )

  test('does not make a person', async () => {
    const { people } = broker.policy
    const match = { issuer: 'mesh', claims: { sub: of('root').names[0]?.value as string } }
    broker.policy = { ...broker.policy, people: people.map(one => ({ ...one, match })).slice(0, 1) }
    try {
      const answer = await call('GET', '/v1/whoami', { by: await authority.issue(of('root')) })
      expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('no agent') } })
    } finally {
      broker.policy = { ...broker.policy, people }
    }
  })
})

describe('a lease that is asked for over a certificate', () => {
  test('is bound to it, and its tokens are', async () => {
    const by = await authority.issue(of('web-operator'))
    const { status, body } = await ask({ by, token: 'web-operator' })
    expect(status).toBe(201)
    expect(body.holder).toEqual({
      authority: 'mesh',
      name: of('web-operator').names[0]?.value,
      thumbprint: thumbprintOf(by),
      boundTo: 'name',
    })
    const renewed = await renew(body.id, { by, token: 'web-operator' })
    expect(decodeJwt(renewed.body.token)['cnf']).toEqual({ 'x5t#S256': thumbprintOf(by) })
  })

  test('is renewed over the next certificate of the same name, whose its tokens are then', async () => {
    const { body } = await ask({ by: await authority.issue(of('svid')) })
    const next = await authority.issue(of('svid'))
    const renewed = await renew(body.id, { by: next })
    expect(renewed.status).toBe(200)
    expect(decodeJwt(renewed.body.token)['cnf']).toEqual({ 'x5t#S256': thumbprintOf(next) })
  })

  test('is not, where its authority binds to the certificate', async () => {
    under('certificate')
    const by = await authority.issue(of('svid'))
    const { body } = await ask({ by })
    expect((await renew(body.id, { by })).status).toBe(200)
    const answer = await renew(body.id, { by: await authority.issue(of('svid')) })
    expect(answer).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('another client certificate') },
    })
  })

  test.each([
    ['none', async () => null, 'none was shown'],
    ['one of another name', async () => authority.issue(of('other')), 'another client certificate'],
  ])('gives no token, no child and no plan over %s, which is on record', async (_, make, says) => {
    const { body } = await ask({ by: await authority.issue(of('web-operator')), token: 'web-operator' })
    const by = await make()
    const plan = {
      requests: [{ method: 'DELETE', target: '/api/v1/namespaces/shop-dev/pods/x', contentType: '', body: '' }],
    }
    for (const answer of [
      await renew(body.id, { by, token: 'web-operator' }),
      await ask({ by, token: 'web-operator' }, { parent: body.id }),
      await call('POST', `/v1/leases/${body.id}/plan`, { by, token: 'web-operator', body: plan }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining(says) } })
    }
    const refused = await refusals()
    expect(refused.filter(({ agent, reason }) => agent === 'web-operator' && reason.includes(says))).toHaveLength(3)
  })

  test('can be ended without it, since that takes and gives nothing', async () => {
    const { body } = await ask({ by: await authority.issue(of('web-operator')), token: 'web-operator' })
    const answer = await call('DELETE', `/v1/leases/${body.id}`, { token: 'web-operator', body: {} })
    expect(answer.status).toBe(200)
  })

  test('that was asked for without one stays what it was', async () => {
    const { body } = await ask({ token: 'web-operator' })
    expect(body).not.toHaveProperty('holder')
    const renewed = await renew(body.id, { by: await authority.issue(of('web-operator')), token: 'web-operator' })
    expect(decodeJwt(renewed.body.token)).not.toHaveProperty('cnf')
  })
})

describe('a template that requires a certificate', () => {
  test('gives leases to who shows one, and to nobody else', async () => {
    under('name', { certificate: 'required' })
    const refused = await ask({ token: 'web-operator' })
    expect(refused).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('shows a client certificate') },
    })
    expect((await ask({ by: await authority.issue(of('x')), token: 'web-operator' })).status).toBe(201)
  })
})
