import { describe, expect, test } from 'vitest'
import { partitionOf } from '../../../../src/lease/lease-id.ts'
import { partitionPrefix } from '../../../../src/redis/keys.ts'
import { approvalOf, keyOf } from '../../a-store-writer.ts'
import { asked, copied, field, fresh, hack, lease, world } from './the-batches.ts'

describe('whoever writes to the store', () => {
  test.each<{ name: string; tamper: (batch: string, member: string, evil: string) => Promise<unknown> }>([
    {
      name: 'puts another request in the place of one',
      tamper: (batch, member, evil) =>
        field(batch, 'members').then(text => hack('HSET', keyOf(batch), 'members', text.replace(member, evil))),
    },
    {
      name: 'adds a request',
      tamper: async (batch, _, evil) => {
        await hack('HSET', keyOf(evil), 'batch', batch)
        await hack('HSET', keyOf(batch), 'members', `${await field(batch, 'members')} ${evil}`)
      },
    },
    {
      name: 'leaves one out of what is shown',
      tamper: (batch, member) =>
        field(batch, 'members').then(text => hack('HSET', keyOf(batch), 'members', text.replace(member, '').trim())),
    },
    {
      name: 'exchanges what one of them is',
      tamper: (_, member, evil) => copied(evil, member, ['digest', 'question']),
    },
    {
      name: 'exchanges what one of them is bound to',
      tamper: (_, member, evil) => copied(evil, member, ['digest']),
    },
    {
      name: 'writes another question about all of them',
      tamper: async batch => {
        const question = JSON.parse(await field(batch, 'question'))
        await hack('HSET', keyOf(batch), 'question', JSON.stringify({ ...question, facts: ['(1) nothing to see'] }))
      },
    },
  ])('and $name gets a yes to none', async ({ tamper }) => {
    const [one, two, bad] = [fresh(), fresh(), fresh()]
    const { id, members } = await asked([one, two])
    const { members: evil } = await asked([bad])
    const { digest, plan } = await world.show(id)
    await tamper(id, members[0] as string, evil[0] as string)
    const said = { digest, plan: plan?.madeAt ?? null }
    expect((await world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, said)).status).toBe(409)
    expect((await world.broker.as('hana', 'GET', `/v1/approvals/${id}`)).status).toBe(409)
    const send = world.road()
    for (const each of [one, two, bad]) expect((await send(lease, each)).kind).toBe('deny')
    const no = await world.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, { reason: 'odd' })
    expect(no.body.state).toBe('rejected')
  })

  test.each<{ name: string; tamper: (batch: string, member: string, evil: string) => Promise<unknown> }>([
    {
      name: 'moves the yes to one of them to another request',
      tamper: (_, member, evil) => copied(member, evil, ['state', 'answer', 'endsAt', 'decidedBy']),
    },
    {
      name: 'moves the yes to all of them to another request',
      tamper: (batch, _, evil) => copied(batch, evil, ['state', 'answer', 'endsAt', 'decidedBy']),
    },
    {
      name: 'lets another request point to one of them',
      tamper: async (_, member, evil) => {
        const prefix = partitionPrefix(partitionOf(evil))
        await hack('SET', `${prefix}asked:${lease}:${await field(evil, 'digest')}`, member)
      },
    },
    {
      name: 'has all yeses of the batch said to another',
      tamper: async (batch, member, evil) => {
        await copied(member, evil, ['state', 'endsAt'])
        const texts = [await field(batch, 'answer'), await field(member, 'answer')]
        await hack('HSET', keyOf(evil), 'answer', texts.join(' '))
      },
    },
  ])('and $name lets nothing else through', async ({ tamper }) => {
    const [one, two, bad] = [fresh(), fresh(), fresh()]
    const { id, members } = await asked([one, two])
    const { members: evil } = await asked([bad])
    expect((await world.yes(id)).status).toBe(200)
    await tamper(id, members[0] as string, evil[0] as string)
    const send = world.road()
    expect((await send(lease, bad)).kind).toBe('deny')
    expect((await send(lease, two)).kind).toBe('allow')
  })

  test('and puts a used yes under the question that is asked after it lets it run once', async () => {
    const one = fresh()
    const { id, members } = await asked([one, fresh()])
    await world.yes(id)
    expect((await world.road()(lease, one)).kind).toBe('allow')
    const again = approvalOf(await world.road()(lease, one))
    expect(again).toMatch(/^apr_/)
    await copied(members[0] as string, again, ['answer', 'endsAt', 'decidedBy'])
    await hack('HSET', keyOf(again), 'state', 'approved')
    expect((await world.road()(lease, one)).kind).toBe('deny')
  })

  test('and gives a used one back lets it run once', async () => {
    const one = fresh()
    const { id, members } = await asked([one, fresh()])
    await world.yes(id)
    const send = world.road()
    const prefix = partitionPrefix(partitionOf(id))
    expect((await send(lease, one)).kind).toBe('allow')
    await hack('HSET', keyOf(members[0] as string), 'state', 'approved')
    await hack('SET', `${prefix}asked:${lease}:${await field(members[0] as string, 'digest')}`, members[0] as string)
    expect((await send(lease, one)).kind).toBe('deny')
  })
})

describe('whoever writes to the store before a no', () => {
  test.each<{ name: string; tamper: (batch: string, member: string, evil: string) => Promise<unknown> }>([
    {
      name: 'puts a request of another lease beside them',
      tamper: async (batch, _, evil) => {
        await hack('HSET', keyOf(evil), 'batch', batch)
        await hack('HSET', keyOf(batch), 'members', `${await field(batch, 'members')} ${evil}`)
      },
    },
    {
      name: 'has one of them be of another lease',
      tamper: async (_, member) => hack('HSET', keyOf(member), 'lease', await world.lease()),
    },
    { name: 'has one of them be used', tamper: (_, member) => hack('HSET', keyOf(member), 'state', 'used') },
    { name: 'has one of them be approved', tamper: (_, member) => hack('HSET', keyOf(member), 'state', 'approved') },
    {
      name: 'has one of them be of no state',
      tamper: (_, member) => hack('HSET', keyOf(member), 'state', 'nothing'),
    },
    { name: 'takes one of them away', tamper: (_, member) => hack('DEL', keyOf(member)) },
  ])('and $name cannot keep people from saying no, nor from taking a yes back', async ({ tamper }) => {
    for (const before of ['pending', 'approved']) {
      const [one, two] = [fresh(), fresh()]
      const { id, members } = await asked([one, two])
      const { members: evil } = await asked([fresh()], await world.lease())
      if (before === 'approved') await world.yes(id)
      await tamper(id, members[0] as string, evil[0] as string)
      const no = await world.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, { reason: 'odd' })
      expect(no.body.state).toBe('rejected')
      expect(await field(members[1] as string, 'state')).toBe('rejected')
      expect(await field(evil[0] as string, 'state')).toBe('pending')
      expect((await world.road()(lease, two)).kind).toBe('deny')
    }
  })
})

test('of a hundred at once that use one yes, one runs', async () => {
  const [one, two] = [fresh(), fresh()]
  const { id, members } = await asked([one, two])
  await world.yes(id)
  const roads = [world.road(), world.road(), world.road(), world.road()]
  const sent = await Promise.all(
    Array.from({ length: 100 }, (_, index) => (roads[index % 4] as (typeof roads)[number])(lease, one)),
  )
  expect(sent.filter(({ kind }) => kind === 'allow')).toHaveLength(1)
  expect(await field(members[0] as string, 'state')).toBe('used')
  // Whoever asked again is asked about anew; the other is still to be had.
  expect((await world.road()(lease, two)).kind).toBe('allow')
})

test('an agent has few of them waiting, and its other questions have room', async () => {
  const made: number[] = []
  for (let i = 0; i < 6; i++) made.push((await world.plan(lease, [fresh()])).status)
  expect(made[0]).toBe(200)
  expect(made.at(-1)).toBe(429)
  await world.clear()
  expect((await world.plan(lease, [fresh()])).status).toBe(200)
  expect(await world.road()(lease, fresh())).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
})
