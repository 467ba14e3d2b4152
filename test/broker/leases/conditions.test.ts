import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DAYS, type Hours } from '../../../src/policy/conditions/hours.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { TestBroker } from '../test-broker.ts'

const MINUTE = 60_000
const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '1h', namespaces: ['shop'] }

let broker: TestBroker
let plain: readonly TaskTemplate[]
beforeAll(async () => {
  broker = await TestBroker.start()
  plain = broker.policy.templates
})
afterAll(() => broker.stop())
afterEach(async () => {
  under({})
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

/** The template with these conditions, and no others. */
function under(given: Partial<Pick<TaskTemplate, 'hours' | 'networks' | 'ticket' | 'parameters' | 'rules'>>): void {
  const templates = plain.map(template => ({ ...template, ...given }))
  broker.policy = { ...broker.policy, templates }
}

async function ask(wish: object = {}, headers: Record<string, string> = { 'x-forwarded-for': '10.1.2.3' }) {
  return broker.call('POST', '/v1/leases', {
    token: await broker.token('web-operator'),
    body: { ...WISH, ...wish },
    headers,
  })
}

/** Every day, from so many minutes before now until so many after, in UTC. */
function around(before: number, after: number): Hours {
  const at = (ms: number) => {
    const time = new Date(ms)
    return time.getUTCHours() * 60 + time.getUTCMinutes()
  }
  return { days: DAYS, from: at(Date.now() - before * MINUTE), to: at(Date.now() + after * MINUTE), timeZone: 'UTC' }
}

describe('a lease under hours', () => {
  test('is given within them, and ends with them', async () => {
    under({ hours: [around(60, 20)] })
    const { status, body } = await ask()
    expect(status).toBe(201)
    expect(body.expiresAt % MINUTE).toBe(0)
    expect(body.expiresAt - body.issuedAt).toBeGreaterThan(18 * MINUTE)
    expect(body.expiresAt - body.issuedAt).toBeLessThanOrEqual(20 * MINUTE)
  })

  test('is refused outside of them, with what they are', async () => {
    under({ hours: [around(120, -60)] })
    const { status, body } = await ask()
    expect(status).toBe(403)
    expect(body.message).toMatch(/template "restart-web" is for these hours: mon tue .* \d\d:\d\d-\d\d:\d\d UTC/)
  })
})

describe('a lease under networks', () => {
  test('is given to who comes from one of them, and carries them, signed', async () => {
    under({ networks: [['10.0.0.0/8']] })
    const { status, body } = await ask()
    expect([status, body.terms.networks]).toEqual([201, [['10.0.0.0/8']]])
  })

  test.each([
    { name: 'another one', headers: { 'x-forwarded-for': '11.1.2.3' }, says: 'it came from 11.1.2.3' },
    { name: 'one of them, as the client says', headers: { 'x-forwarded-for': '10.1.2.3, 11.1.2.3' }, says: '11.1.2.3' },
    { name: 'nobody knows where', headers: {}, says: 'an unknown address' },
  ])('is refused to who comes from $name', async ({ headers, says }) => {
    under({ networks: [['10.0.0.0/8']] })
    const { status, body } = await ask({}, headers)
    expect(status).toBe(403)
    expect(body.message).toContain('template "restart-web" is for other networks')
    expect(body.message).toContain(says)
  })

  test('that was narrowed has those of the one above as well', async () => {
    under({ networks: [['10.0.0.0/8']] })
    const parent = (await ask()).body.id
    under({ networks: [['10.1.0.0/16']] })
    const { body } = await ask({ parent })
    expect(body.terms.networks).toEqual([['10.1.0.0/16'], ['10.0.0.0/8']])
  })
})

describe('a lease under a ticket', () => {
  test('wants one like it, all of it', async () => {
    under({ ticket: 'OPS-[0-9]+' })
    for (const ticket of ['', 'OPS-', 'OPS-7x', 'INC-7']) {
      const { status, body } = await ask({ ticket })
      expect([status, body.message]).toEqual([403, expect.stringContaining('wants a ticket like OPS-[0-9]+')])
    }
    expect((await ask({ ticket: 'OPS-7' })).status).toBe(201)
  })
})

describe('a lease with parameters', () => {
  const rules = () =>
    broker.policy.templates.flatMap(template =>
      template.rules.slice(0, 1).map(rule => ({ ...rule, resourceNames: ['{name}'] })),
    )

  test('is for what was asked with, signed', async () => {
    under({ parameters: { name: 'web-[a-z]+' }, rules: rules() })
    const { status, body } = await ask({ parameters: { name: 'web-shop' } })
    expect(status).toBe(201)
    expect(body).toMatchObject({ parameters: { name: 'web-shop' }, scope: [{ resourceNames: ['web-shop'] }] })
  })

  test.each([
    { name: 'nothing', parameters: {}, says: 'wants --param name=… like web-[a-z]+' },
    { name: 'another name', parameters: { name: 'db' }, says: 'like web-[a-z]+' },
    { name: 'what there is no place for', parameters: { name: 'web-shop', x: 'y' }, says: 'no parameter of this name' },
  ])('is refused with $name', async ({ parameters, says }) => {
    under({ parameters: { name: 'web-[a-z]+' }, rules: rules() })
    const { status, body } = await ask({ parameters })
    expect([status, body.message]).toEqual([403, expect.stringContaining(says)])
  })

  test('takes none where its template has no place', async () => {
    expect((await ask({ parameters: { name: 'web-shop' } })).status).toBe(403)
  })
})

describe('a value that would be masked', () => {
  const SECRET = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'
  const naming = (name: string) =>
    broker.policy.templates.flatMap(template =>
      template.rules.slice(0, 1).map(rule => ({ ...rule, resourceNames: [`{${name}}`] })),
    )
  const journal = async () => {
    const streams = await broker.link.ask('keys', redis => redis.keys('*journal*'))
    const items = await broker.link.ask('journal', async redis =>
      Promise.all(streams.map(stream => redis.xrange(stream, '-', '+').catch(() => []))),
    )
    return JSON.stringify(items)
  }

  test.each<{ name: string; given: () => Parameters<typeof under>[0]; wish: object; says: string }>([
    {
      name: 'a parameter with the shape of a token',
      given: () => ({ parameters: { name: '.+' }, rules: naming('name') }),
      wish: { parameters: { name: SECRET } },
      says: 'parameter "name" looks like a credential',
    },
    {
      name: 'a parameter in a command',
      given: () => ({
        parameters: { name: '.+' },
        rules: naming('name').map(rule => ({ ...rule, resourceNames: [], commands: [['say', '{name}']] })),
      }),
      wish: { parameters: { name: SECRET } },
      says: 'parameter "name" looks like a credential',
    },
    {
      name: 'a ticket that the template wants',
      given: () => ({ ticket: '.+' }),
      wish: { ticket: SECRET },
      says: 'the ticket looks like a credential',
    },
    {
      name: 'a ticket in a place',
      given: () => ({ parameters: { ticket: '.+' }, rules: naming('ticket') }),
      wish: { ticket: SECRET },
      says: 'the ticket looks like a credential',
    },
    {
      name: 'what begins as credentials of this company do',
      given: () => ({ parameters: { name: '.+' }, rules: naming('name') }),
      wish: { parameters: { name: 'corp-key-7f3a9c2d41e8' } },
      says: 'parameter "name" looks like a credential',
    },
  ])('makes no lease and leaves nothing in the journal: $name', async ({ given, wish, says }) => {
    under(given())
    broker.policy = { ...broker.policy, mask: { names: [], prefixes: ['corp-key-'] } }
    const { status, body } = await ask(wish)
    expect([status, body.message]).toEqual([403, expect.stringContaining(says)])
    const kept = await journal()
    expect(kept).toContain('web-operator')
    for (const secret of [SECRET, 'corp-key-7f3a9c2d41e8']) {
      expect(JSON.stringify(body)).not.toContain(secret)
      expect(kept).not.toContain(secret)
    }
  })

  test('is masked where nothing compares it: a ticket that the template does not want', async () => {
    const { status, body } = await ask({ ticket: SECRET })
    expect([status, body.task.ticket]).toEqual([201, '[masked]'])
  })
})

test('who may ask is told what else has to be so', async () => {
  under({
    hours: [{ days: ['mon'], from: 540, to: 1050, timeZone: 'UTC' }],
    networks: [['10.0.0.0/8']],
    ticket: 'OPS-[0-9]+',
  })
  expect((await broker.as('web-operator', 'GET', '/v1/whoami')).body.templates).toMatchObject([
    { name: 'restart-web', hours: 'mon 09:00-17:30 UTC', networks: ['10.0.0.0/8'], ticket: 'OPS-[0-9]+' },
  ])
})
