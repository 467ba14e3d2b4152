import { describe, expect, test } from 'vitest'
import { agentPartition, partitionOf } from '../../../../src/lease/lease-id.ts'
import { PARTITIONS, partitionPrefix } from '../../../../src/redis/keys.ts'
import { aHanded, broker, HAND, hand, send, sendWith, signed, TO, token, under } from './the-handing-broker.ts'

describe('a lease that is handed to another agent', () => {
  test('is that agent’s, with who gave it and for whom, and its own token opens what it covers', async () => {
    const { parent, child } = await aHanded()
    expect(child).toMatchObject({
      agent: 'fixer',
      delegated: { by: 'web-operator', issuer: 'corp' },
      issuer: 'corp',
      sponsor: 'ada',
      agentSponsor: 'grace',
      ancestors: [parent.id],
      namespaces: ['shop'],
      handedOn: true,
    })
    expect(child.expiresAt).toBeLessThan(parent.expiresAt)
    const { state: _, taken: __, handedOn: ___, ...contract } = child
    expect(await signed(child.id)).toEqual({ ...contract, turn: { epoch: 0, acts: expect.any(Number) } })
    expect(partitionOf(child.id)).not.toBe(agentPartition('fixer', PARTITIONS))

    const { leases } = (await broker.as('fixer', 'GET', '/v1/leases')).body
    expect(leases).toEqual([{ ...contract, state: { kind: 'active' }, taken: {} }])
    expect(await send(child.id, 'fixer')).toBe('allow')
    expect(await send(child.id, 'fixer', 'GET /api/v1/namespaces/shop-dev/pods/web-0')).toBe('out-of-scope')
    expect((await broker.as('root', 'GET', `/v1/leases/${parent.id}`)).body.taken).toEqual({ requests: 1 })
  })

  test('is seen, narrowed and ended by who gave it, and used by nobody but who got it', async () => {
    const { parent, child } = await aHanded()
    const listed = (await broker.as('web-operator', 'GET', '/v1/leases')).body.leases
    expect(listed.map(({ id, handedOn }: never) => [id, handedOn ?? false])).toEqual([
      [parent.id, false],
      [child.id, true],
    ])
    expect((await broker.as('web-operator', 'GET', `/v1/leases/${child.id}`)).status).toBe(200)
    expect((await token(child.id, 'web-operator')).status).toBe(403)
    expect((await hand(child.id, 'mender')).status).toBe(403)
    expect((await broker.as('web-operator', 'POST', '/v1/leases', { ...HAND, parent: child.id })).status).toBe(403)
    for (const other of ['triage', 'mender']) expect((await token(child.id, other)).status).toBe(404)
    expect((await token(parent.id, 'fixer')).status).toBe(404)

    const narrowed = await broker.as('web-operator', 'POST', `/v1/leases/${child.id}/narrow`, {
      budgets: { requests: 1 },
    })
    expect(narrowed).toMatchObject({ status: 200, body: { budgets: { requests: 1 } } })
    expect(await send(child.id, 'fixer')).toBe('allow')
    expect(await send(child.id, 'fixer')).toBe('budget-spent')
    const bearer = (await token(child.id, 'fixer')).body.token
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${child.id}`)).status).toBe(200)
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('lease-revoked')
    expect((await broker.as('fixer', 'GET', '/v1/leases')).body.leases).toEqual([])
  })

  test('ends with the lease above it, with either agent, and with what the policy says', async () => {
    const ends = async (how: (pair: { parent: { id: string }; child: { id: string } }) => Promise<unknown>) => {
      const pair = await aHanded()
      const bearer = (await token(pair.child.id, 'fixer')).body.token
      expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('allow')
      await how(pair)
      return sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')
    }
    const root = (method: string, path: string, body: object) => broker.as('root', method, path, body)
    expect(await ends(({ parent }) => root('DELETE', `/v1/leases/${parent.id}`, {}))).toBe('lease-revoked')
    const hold = (agent: string) => root('POST', '/v1/holds', { agent, reason: 'odd' })
    expect(await ends(() => hold('web-operator'))).toBe('lease-revoked')
    await broker.as('root', 'DELETE', '/v1/holds/web-operator', { reason: 'tidy up' })
    // In another part of the store than the lease.
    expect(await ends(async ({ child }) => expect((await hold('fixer')).body.ended).toEqual([child.id]))).toBe(
      'lease-revoked',
    )
    await broker.as('root', 'DELETE', '/v1/holds/fixer', { reason: 'tidy up' })
    for (const agent of ['web-operator', 'fixer']) {
      const subject = { kind: 'agent', name: agent }
      const act = (what: string) => root('POST', '/v1/stops', { act: what, subject, reason: 'odd' })
      expect(await ends(() => act('freeze'))).toBe('lease-frozen')
      await act('thaw')
    }
    expect(
      await ends(() =>
        root('POST', '/v1/stops', { act: 'end', subject: { kind: 'sponsor', name: 'grace' }, reason: 'odd' }),
      ),
    ).toBe('lease-revoked')
    expect(await ends(async () => under({ ...TO, to: ['mender'] }))).toBe('not-in-policy')
    under(TO)
    expect(await ends(async () => under(null))).toBe('not-in-policy')
  })

  test('stands in the journal with both', async () => {
    const { parent, child } = await aHanded()
    const key = `${partitionPrefix(partitionOf(child.id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    const events = items.map(([, [, entry = '{}']]) => JSON.parse(entry))
    expect(events.find(({ lease }) => lease === child.id)).toMatchObject({
      event: 'issued',
      agent: 'fixer',
      delegatedBy: 'web-operator',
      by: 'web-operator for ada, to fixer for grace',
      ancestors: [parent.id],
    })
  })
})
