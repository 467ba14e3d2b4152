import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BrokerRefusal } from '../../../src/record/journal/journal-entry.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { stretched } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

/** What came on record since the last look. */
async function refusals(): Promise<readonly BrokerRefusal[]> {
  const reader = new RedisJournalReader(broker.link, { consumer: 'a-tap' })
  const items = await reader.read(1000, AbortSignal.timeout(stretched(1000)))
  await reader.acknowledge(items)
  reader.close()
  return items.flatMap(item => ('entry' in item && item.entry.kind === 'broker-refusal' ? [item.entry] : []))
}

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop'] }

describe('what the broker refuses is on record', () => {
  test('with the agent that asked, before the answer', async () => {
    const asked = await broker.as('web-operator', 'POST', '/v1/leases', { ...WISH, namespaces: ['payments'] })
    expect(asked.status).toBe(403)
    expect(await refusals()).toEqual([
      expect.objectContaining({
        agent: 'web-operator',
        person: '',
        what: 'POST /v1/leases',
        status: 403,
        reason: asked.body.message,
      }),
    ])
  })

  test('with the person, or with nobody and the address that Envoy saw last', async () => {
    await broker.as('hana', 'POST', '/v1/holds', { agent: 'triage', reason: 'why not' })
    const headers = { 'x-forwarded-for': '10.9.9.9, 10.0.0.7' }
    await broker.call('GET', '/v1/leases', { token: 'not.a.token', headers })
    expect(await refusals()).toEqual([
      expect.objectContaining({ person: 'hana', agent: '', status: 403 }),
      expect.objectContaining({ person: '', agent: '', status: 401, source: '10.0.0.7' }),
    ])
  })

  test('without a credential that somebody wrote into it', async () => {
    const token = `eyJ${'a'.repeat(40)}.eyJ${'b'.repeat(40)}.${'c'.repeat(40)}`
    await broker.as('web-operator', 'GET', `/v1/leases/${token}`)
    const [row, ...more] = await refusals()
    expect(more).toEqual([])
    expect(row?.what).toContain('[masked]')
    expect(JSON.stringify(row)).not.toContain('b'.repeat(40))
  })

  test('without what a body says that could not be read', async () => {
    const { body } = await broker.as('web-operator', 'POST', '/v1/leases', { ...WISH, 'a-field-of-theirs': 1 })
    expect(body.message).toContain('a-field-of-theirs')
    expect(await refusals()).toEqual([expect.objectContaining({ agent: 'web-operator', status: 400, reason: '' })])
  })

  test('past its share only counted, and a stranger takes none of an agent’s', async () => {
    const strangers = Array.from({ length: 70 }, () => broker.call('GET', '/v1/leases', { token: 'not.a.token' }))
    await Promise.all(strangers)
    await broker.as('web-operator', 'POST', '/v1/leases', { ...WISH, namespaces: ['payments'] })
    const rows = await refusals()
    // A minute may end in between.
    expect(rows.filter(({ agent }) => agent === '').length).toBeLessThan(70)
    expect(rows.filter(({ agent }) => agent === 'web-operator')).toHaveLength(1)
  })
})
