import { describe, expect, test } from 'vitest'
import { handedTo, unlessHeldNow } from '../../../../src/broker/leases/hand-on.ts'
import { mustHold } from '../../../../src/broker/leases/must-hold.ts'
import { RedisHoldStore } from '../../../../src/lease/hold/redis-hold-store.ts'
import { agentPartition } from '../../../../src/lease/lease-id.ts'
import { PARTITIONS, partitionPrefix } from '../../../../src/redis/keys.ts'
import {
  aHanded,
  ask,
  broker,
  HAND,
  hand,
  parts,
  sendWith,
  signed,
  stateOf,
  TO,
  token,
  under,
  WISH,
} from './the-handing-broker.ts'

describe('a lease that is handed to another agent, by what may be', () => {
  test('is none where the policy does not say so, and not for oneself, without a lease, or wider', async () => {
    const parent = await ask()
    const refused = async (status: number, answer: ReturnType<typeof hand>, like: RegExp) => {
      const { status: got, body } = await answer
      expect([got, body.message]).toEqual([status, expect.stringMatching(like)])
    }
    await refused(
      403,
      hand(parent.id, 'triage'),
      /may not hand leases of template "restart-web" to "triage"; it may to: fixer, mender/,
    )
    await refused(403, hand(parent.id, 'nobody'), /to "nobody"; it may to: fixer, mender/)
    await refused(400, hand(parent.id, 'web-operator'), /is whoever asks/)
    await refused(400, hand(parent.id, 'fixer', { parent: null }), /--parent/)
    await refused(400, hand(parent.id, 'fixer', { onBehalfOf: 'x' }), /consent/)
    const small = (await broker.as('web-operator', 'POST', '/v1/leases', HAND)).body
    await refused(403, hand(small.id, 'fixer', { namespaces: ['shop-dev'] }), /must lie within its parent/)
    under(null)
    await refused(403, hand(parent.id), /it may to: nobody/)
    // Who may be handed one may not ask for one.
    under(TO)
    await refused(403, broker.as('fixer', 'POST', '/v1/leases', WISH), /no template/)
  })

  test('is not given to a held agent, nor by one, nor is one there that a hold crossed', async () => {
    const parent = await ask()
    const { child } = await aHanded()
    const holds = new RedisHoldStore(broker.link)
    const hold = { agent: 'fixer', by: 'root', reason: 'odd', at: Date.now(), until: null }
    await holds.place({ hold, event: '{"kind":"hold"}' })
    expect(await hand(parent.id)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('"fixer" is held') },
    })
    // Placed after the look and before its leases are ended: whoever made this one ends it.
    expect(await stateOf(child.id)).toBe('active')
    await expect(unlessHeldNow(await signed(child.id), parts())).rejects.toThrow('"fixer" is held')
    expect(await stateOf(child.id)).toBe('revoked')
    expect((await hand(parent.id, 'mender')).status).toBe(201)
    await holds.place({ hold: { ...hold, agent: 'web-operator' }, event: '{"kind":"hold"}' })
    expect(await hand(parent.id, 'mender')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('"web-operator" is held') },
    })
  })

  test('is handed on no further than each on the way lets it, and never back', async () => {
    const onward = { to: ['mender', 'web-operator'], maxLeases: 5, levels: 1 }
    const { child } = await aHanded()
    expect((await hand(child.id, 'mender', {}, 'fixer')).status).toBe(403)
    under(TO, onward)
    expect(await hand(child.id, 'mender', {}, 'fixer')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('agent "web-operator", which handed') },
    })
    under({ ...TO, levels: 2 }, onward)
    expect((await hand(child.id, 'web-operator', {}, 'fixer')).status).toBe(403)
    const further = await hand(child.id, 'mender', { ttl: '1m' }, 'fixer')
    expect(further).toMatchObject({
      status: 201,
      body: { agent: 'mender', sponsor: 'ada', agentSponsor: '', delegated: { by: 'fixer' } },
    })
    const bearer = (await token(further.body.id, 'mender')).body.token
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('allow')
    const listed = (await broker.as('fixer', 'GET', '/v1/leases')).body.leases
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([child.id, further.body.id])
    // Today's policy binds what was handed on before.
    under(TO, onward)
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('not-in-policy')
    under({ ...TO, levels: 2 }, onward)
    await broker.as('root', 'POST', '/v1/holds', { agent: 'fixer', reason: 'odd' })
    expect(await sendWith(bearer, 'GET /api/v1/namespaces/shop/pods/a')).toBe('lease-revoked')
  })

  test('there are so many of under one lease, and all count for who hands them', async () => {
    const prefix = partitionPrefix(agentPartition('web-operator', PARTITIONS))
    const lists = ['listed:web-operator', 'listed:fixer', 'listed:to:fixer', 'leases']
    const listed = () =>
      Promise.all(lists.map(key => broker.link.ask('listed', redis => redis.zcard(`${prefix}${key}`))))
    const before = await listed()
    const more = async () => (await listed()).map((count, at) => count - (before[at] ?? 0))
    const parent = await ask()
    const own = (await broker.as('web-operator', 'POST', '/v1/leases', { ...HAND, parent: parent.id })).body
    const given = [await hand(parent.id), await hand(own.id, 'mender'), await hand(parent.id)]
    expect(given.map(({ status }) => status)).toEqual([201, 201, 201])
    const beyond = { status: 409, body: { message: expect.stringContaining('3 of the leases under') } }
    expect(await hand(own.id)).toMatchObject(beyond)
    expect(await more()).toEqual([5, 0, 2, 5])
    await broker.as('fixer', 'DELETE', `/v1/leases/${given[0]?.body.id}`)
    expect(await more()).toEqual([4, 0, 1, 4])
    expect((await hand(own.id)).status).toBe(201)
    expect(await hand(own.id)).toMatchObject(beyond)
  })

  test('of several grants on the way the strictest says how many there may be', async () => {
    under({ ...TO, levels: 2, maxLeases: 1 }, { to: ['mender'], maxLeases: 5, levels: 1 })
    const { child } = await aHanded()
    const beyond = { status: 409, body: { message: expect.stringContaining('1 of the leases under') } }
    expect(await hand(child.id, 'mender', {}, 'fixer')).toMatchObject(beyond)
    under({ ...TO, levels: 2, maxLeases: 2 }, { to: ['mender'], maxLeases: 5, levels: 1 })
    expect((await hand(child.id, 'mender', {}, 'fixer')).status).toBe(201)
  })

  test('is nothing to a token that went through others, whom nobody asked about', async () => {
    const { child } = await aHanded()
    const lease = await signed(child.id)
    const through = (...subjects: string[]) => ({ agent: 'fixer', actors: subjects.map(subject => ({ subject })) })
    expect(() => mustHold(lease, through('fixer', 'hana'))).toThrow('your token went through hana')
    expect(mustHold(lease, through('fixer'))).toBeNull()
    expect(mustHold({ ...lease, actors: [{ subject: 'desk' }] }, through('fixer', 'desk'))).toBeNull()
    const { delegated: _, ...own } = lease
    expect(mustHold(own, through('fixer', 'hana'))).toBeNull()
  })

  test('is none of what is bound to a certificate', async () => {
    const parent = await signed((await ask()).id)
    const holder = { authority: 'mesh', name: 'spiffe://corp/op', thumbprint: 'x'.repeat(43), boundTo: 'name' } as const
    const identity = { issuer: 'corp', subject: 'web-operator', claims: {}, expiresAt: 0 }
    const agent = { kind: 'agent', agent: 'web-operator', sponsor: 'ada', identity } as const
    const [template] = broker.policy.templates
    if (template === undefined) throw new Error('no template')
    const asked = { agent, wish: { forAgent: 'fixer', onBehalfOf: null }, template, parent }
    await expect(handedTo({ ...asked, parent: { ...parent, holder } }, parts())).rejects.toThrow(
      'bound to a client certificate',
    )
    const required = { ...template, certificate: 'required' } as const
    await expect(handedTo({ ...asked, template: required }, parts())).rejects.toThrow('who shows a client certificate')
    expect(await handedTo(asked, parts())).toMatchObject({ most: 3, lease: { agent: 'fixer' } })
    // The agent comes with its sponsor as the policy spells it, whoever that is to the lease above.
    const spelled = await handedTo({ ...asked, parent: { ...parent, sponsor: 'Grace' } }, parts())
    expect(spelled?.lease.agentSponsor).toBe('grace')
  })
})
