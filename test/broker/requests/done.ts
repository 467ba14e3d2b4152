import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { revokedEvent, watchEvent } from '../../../src/record/journal/events.ts'
import { recordOf } from '../console/a-record.ts'
import { ALLOWED, broker, leaseOf, PATIENT, sent, WEB, why, write } from './the-recorded-broker.ts'

describe('GET /v1/leases/:id/done', () => {
  test('takes one of the few places of the record, and its caller none beside it', async () => {
    const lease = await leaseOf('look')
    const { record } = broker
    const { promise, resolve } = Promise.withResolvers<never>()
    let running = 0
    const run = () => {
      running++
      return promise
    }
    broker.record = recordOf(run, Date.now, PATIENT)
    try {
      const done = broker.as('web-operator', 'GET', `/v1/leases/${lease.id}/done`)
      await expect.poll(() => running).toBeGreaterThan(0)
      expect((await why(randomUUID())).status).toBe(429)
      expect(running).toBe(1)
      resolve({ columns: [], rows: [] } as never)
      expect((await done).status).toBe(200)
    } finally {
      broker.record = record
    }
  })

  test('counts requests, and names what was changed and refused', async () => {
    const lease = await leaseOf('all-deployments')
    const headers = [['content-type', 'application/merge-patch+json']] as const
    await sent(lease, { line: `GET ${WEB}` })
    await sent(lease, { line: `PATCH ${WEB}`, headers, body: '{"spec":{"replicas":2}}', settled: ALLOWED })
    for (const _ of [1, 2]) await sent(lease, { line: 'GET /api/v1/namespaces/shop-dev/secrets' })
    const { status, body } = await broker.as('web-operator', 'GET', `/v1/leases/${lease.id}/done`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      lease: lease.id,
      requests: { allowed: 2, denied: 2, pending: 0 },
      changes: [{ kind: 'deployments.apps', namespace: 'shop-dev', name: 'web', verbs: ['patch'] }],
      denials: [{ what: 'list secrets in shop-dev', reason: 'out-of-scope', times: 2 }],
      total: { changes: 1, denials: 1 },
    })
  })

  test('is whole once the end of the lease is on record, and not before', async () => {
    const lease = await leaseOf('look')
    const done = async () => (await broker.as('web-operator', 'GET', `/v1/leases/${lease.id}/done`)).body.isWhole
    expect(await done()).toBe(false)
    const { body } = await broker.as('web-operator', 'DELETE', `/v1/leases/${lease.id}`, { reason: 'done' })
    const { by, reason, at } = body.state
    expect(await done()).toBe(false)
    await write({ stream: 'journal-00', id: '2-0', entry: revokedEvent(lease, { by, reason, at }), settled: null })
    expect(await done()).toBe(true)
  })

  test('is for whoever may see the lease', async () => {
    const lease = await leaseOf('look')
    expect((await broker.as('triage', 'GET', `/v1/leases/${lease.id}/done`)).status).toBe(404)
    expect((await broker.as('hana', 'GET', `/v1/leases/${lease.id}/done`)).status).toBe(200)
  })
})

describe('GET /v1/leases/:id/timeline', () => {
  test('tells what happened, in order', async () => {
    const lease = await leaseOf('look')
    await sent(lease, { line: `GET ${WEB}`, settled: ALLOWED })
    const refused = await sent(lease, { line: 'GET /api/v1/namespaces/shop-dev/secrets' })
    const { status, body } = await broker.as('web-operator', 'GET', `/v1/leases/${lease.id}/timeline`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ lease: lease.id, more: false })
    const times = body.events.map(({ at }: { readonly at: number }) => at)
    expect(times).toEqual(times.toSorted())
    expect(body.events).toHaveLength(3)
    expect(body.events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'get deployments.apps web in shop-dev', decision: 'allow' }),
        expect.objectContaining({ what: 'list secrets in shop-dev', decision: 'deny', auditId: refused }),
      ]),
    )
    // Requests of these tests are dated before their leases.
    expect(body.events[2]).toMatchObject({
      what: expect.stringContaining('lease issued by web-operator'),
      decision: '',
    })
  })

  test('tells those who look on, and not the agent, that they did', async () => {
    const lease = await leaseOf('look')
    const watched = watchEvent({ lease: lease.id, by: 'hana', event: 'watch', reason: '' }, Date.now())
    await write({ stream: 'journal-00', id: '3-0', entry: watched, settled: null })
    const told = async (sub: string) =>
      JSON.stringify((await broker.as(sub, 'GET', `/v1/leases/${lease.id}/timeline`)).body.events)
    expect(await told('hana')).toContain('sessions watched by hana')
    expect(await told('web-operator')).not.toContain('hana')
  })

  test('is for whoever may see the lease', async () => {
    const lease = await leaseOf('look')
    expect((await broker.as('triage', 'GET', `/v1/leases/${lease.id}/timeline`)).status).toBe(404)
    expect((await broker.as('hana', 'GET', `/v1/leases/${lease.id}/timeline`)).status).toBe(200)
  })
})
