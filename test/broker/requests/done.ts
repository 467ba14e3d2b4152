import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { recordOf } from '../console/a-record.ts'
import { ALLOWED, broker, leaseOf, PATIENT, sent, WEB, why } from './the-recorded-broker.ts'

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

  test('is for whoever may see the lease', async () => {
    const lease = await leaseOf('look')
    expect((await broker.as('triage', 'GET', `/v1/leases/${lease.id}/done`)).status).toBe(404)
    expect((await broker.as('hana', 'GET', `/v1/leases/${lease.id}/done`)).status).toBe(200)
  })
})
