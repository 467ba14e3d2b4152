import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Settled } from '../../../src/record/journal/journal-entry.ts'
import { issued } from '../../policy/replay/a-recorded.ts'
import { approvalEvent, decision, item } from '../../record/entries.ts'
import { recordOf } from '../console/a-record.ts'
import { broker, leaseOf, PATIENT, RESTART, sent, WEB, why, write } from './the-recorded-broker.ts'

describe('GET /v1/requests/:id', () => {
  test('says what was judged, what was lacking, and the template that covers it', async () => {
    const lease = await leaseOf('look')
    const id = await sent(lease, { line: `DELETE ${WEB}` })
    const { status, body } = await why(id)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      auditId: id,
      what: 'delete deployments.apps web in shop-dev',
      request: { verb: 'delete', apiGroup: 'apps', resource: 'deployments', namespace: 'shop-dev', name: 'web' },
      agent: 'web-operator',
      lease: lease.id,
      template: 'look',
      decision: 'deny',
      reason: 'out-of-scope',
      detail: expect.stringContaining('the lease does not grant delete on deployments.apps'),
      rules: [],
      policy: { was: 'r1', now: 'r1', says: ['deny'] },
    })
    expect(body.help).toMatchObject([
      {
        kind: 'lease',
        template: 'all-deployments',
        namespaces: ['shop-dev'],
        sure: true,
        command: "leasegate lease request --template all-deployments --namespace shop-dev --reason 'WHY'",
      },
    ])
    expect(body.message).toMatch(
      /^leasegate: outside the scope of the lease: .*; ask for one that does: leasegate lease request/,
    )
  })

  test('of a patch believes the command that the client says it is, and names the smallest template first', async () => {
    const lease = await leaseOf('look')
    const headers = [
      ['content-type', 'application/strategic-merge-patch+json'],
      ['kubectl-command', 'kubectl rollout restart'],
    ] as const
    const body = JSON.stringify({ spec: { template: { metadata: { annotations: { [RESTART.at(-1) ?? '']: 'x' } } } } })
    const id = await sent(lease, { line: `PATCH ${WEB}`, headers, body })
    const { help } = (await why(id)).body
    expect(help).toMatchObject([
      { template: 'restart', sure: true },
      { template: 'all-deployments', sure: true },
    ])
  })

  test('says where it depends on what was sent, which is not on record', async () => {
    const lease = await leaseOf('look')
    const headers = [['content-type', 'application/merge-patch+json']] as const
    const id = await sent(lease, { line: `PATCH ${WEB}`, headers, body: '{"spec":{"replicas":2}}' })
    const { help, policy } = (await why(id)).body
    expect(help.find(({ template }: { template: string }) => template === 'restart')).toMatchObject({ sure: false })
    expect(policy.says).toContain('deny')
  })

  test('names the rule that the platform team would have to add, where no template of the agent has it', async () => {
    const lease = await leaseOf('look')
    const id = await sent(lease, { line: 'GET /api/v1/namespaces/shop-dev/configmaps/settings' })
    const { help, message } = (await why(id)).body
    expect(help).toMatchObject([
      {
        kind: 'platform',
        template: 'look',
        namespaces: ['shop-dev'],
        rules: [
          {
            scope: 'namespaces',
            verbs: ['get'],
            apiGroups: [''],
            resources: ['configmaps'],
            resourceNames: ['settings'],
          },
        ],
      },
    ])
    expect(message).toMatch(/no task template of this agent covers it, ask the platform team$/)
  })

  test('names the rule that let it pass, and nothing that would help', async () => {
    const lease = await leaseOf('restart')
    const id = await sent(lease, { line: `GET ${WEB}` })
    const { body } = await why(id)
    expect(body).toMatchObject({ decision: 'allow', reason: '', message: '', rule: 'rule 1', help: [] })
    expect(body.rules).toMatchObject([{ verbs: ['get', 'list', 'watch'], resources: ['deployments'] }])
    expect(body.policy.says).toEqual(['allow'])
  })

  test('names all that it was risky as, with the words of the policy', async () => {
    const lease = await leaseOf('all-deployments')
    const several = { risk: 'workload-write', risks: ['gone-by-now', 'workload-write'] }
    const { body: one } = await why(await sent(lease, { line: `DELETE ${WEB}` }))
    expect(one.risks).toEqual([one.risk])
    const entry = decision({
      ...several,
      auditId: randomUUID(),
      lease: lease.id,
      agent: lease.agent,
      decidedAt: Date.now(),
    })
    await write(item(entry))
    const { body } = await why(entry.auditId)
    expect(body.risk).toMatchObject({ id: 'workload-write', tier: 'high', why: expect.stringContaining('runs code') })
    expect(body.risks).toEqual([{ id: 'gone-by-now', tier: '', why: '' }, body.risk])
  })

  test('judges by the policy as it stands, and says that it is another one', async () => {
    const lease = await leaseOf('look')
    const id = await sent(lease, { line: `GET ${WEB}` })
    const before = broker.policy
    broker.policy = { ...before, revision: 'r2', templates: before.templates.filter(({ name }) => name !== 'look') }
    try {
      expect((await why(id)).body).toMatchObject({
        decision: 'allow',
        policy: { was: 'r1', now: 'r2', says: ['deny'] },
      })
    } finally {
      broker.policy = before
    }
  })

  test('of a question says how it stands, from the record where the store forgot it', async () => {
    const lease = await leaseOf('look')
    const approval = 'apr_01m8jz7jv7e5kayx7k3akcem5a03'
    const settled: Settled = { decision: 'pending', reason: '', approval }
    const id = await sent(lease, { line: `GET ${WEB}`, settled })
    expect((await why(id)).body).toMatchObject({
      decision: 'pending',
      approval: { id: approval, state: 'expired', endsAt: null },
      message: expect.stringContaining(`leasegate approve ${approval}`),
      help: [],
    })
    const event = { at: Date.now(), approval, lease: lease.id, agent: lease.agent, by: 'hana', summary: 'x' }
    await write(item(approvalEvent({ ...event, event: 'rejected' })))
    const id2 = await sent(lease, {
      line: `GET ${WEB}`,
      settled: { decision: 'deny', reason: 'approval-rejected', approval },
    })
    await expect
      .poll(async () => (await why(id2)).body)
      .toMatchObject({ reason: 'approval-rejected', approval: { state: 'rejected', decidedBy: 'hana' }, help: [] })
  })

  test('of a lease that ended says how to go on with the task', async () => {
    const lease = await leaseOf('look')
    const id = await sent(lease, {
      line: `GET ${WEB}`,
      settled: { decision: 'deny', reason: 'lease-expired', approval: '' },
    })
    expect((await why(id)).body.help).toMatchObject([{ kind: 'lease', template: 'look', namespaces: ['shop-dev'] }])
  })

  test('is as unknown to another agent, and to the same one for another person, as what never was', async () => {
    const lease = await leaseOf('look')
    const id = await sent(lease, { line: `DELETE ${WEB}` })
    const unknown = await why(randomUUID())
    expect(unknown.status).toBe(404)
    const forOther = await broker.call('GET', `/v1/requests/${id}`, {
      token: await broker.token('web-operator', { sponsor: 'someone else' }),
    })
    for (const refused of [await why(id, 'triage'), forOther, await why('not-an-id'), await why("' OR 1 --")]) {
      expect(refused).toMatchObject({ status: 404, body: { message: unknown.body.message } })
    }
    expect((await why(id, 'hana')).status).toBe(200)
    expect((await broker.call('GET', `/v1/requests/${id}`)).status).toBe(401)
  })

  test('shows whoever holds a lease what came under those that were narrowed from it', async () => {
    const lease = await leaseOf('look')
    const child = await leaseOf('look', 'web-operator', { parent: lease.id })
    const id = await sent(child, { line: `DELETE ${WEB}` })
    expect((await why(id)).body).toMatchObject({ lease: child.id, reason: 'out-of-scope' })
  })

  test('still tells of a lease that the store forgot, to its agent alone', async () => {
    const kept = await leaseOf('look')
    const gone: Lease = { ...kept, id: `${kept.id.slice(0, -1)}${kept.id.endsWith('0') ? '1' : '0'}` }
    await write(issued(gone))
    const id = await sent(gone, { line: `DELETE ${WEB}` })
    expect((await why(id)).body).toMatchObject({ lease: gone.id, help: [{ template: 'all-deployments' }] })
    expect((await why(id, 'triage')).status).toBe(404)
  })

  test('says so where the broker has no way to the record, or that does not answer', async () => {
    const { record } = broker
    try {
      broker.record = null
      expect(await why(randomUUID())).toMatchObject({
        status: 503,
        body: { message: expect.stringContaining('no way to the record') },
      })
      broker.record = recordOf(() => Promise.reject(new Error('away')))
      expect(await why(randomUUID())).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    } finally {
      broker.record = record
    }
  })

  test('takes one question at a time from each', async () => {
    const { record } = broker
    const { promise, resolve } = Promise.withResolvers<never>()
    const asked = Promise.withResolvers<void>()
    const answer = () => {
      asked.resolve()
      return promise
    }
    broker.record = recordOf(answer, Date.now, PATIENT)
    try {
      const first = why(randomUUID())
      await asked.promise
      expect((await why(randomUUID())).status).toBe(429)
      resolve({ columns: [], rows: [] } as never)
      expect((await first).status).toBe(404)
    } finally {
      broker.record = record
    }
  })
})
