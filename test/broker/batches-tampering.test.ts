import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { batchDigest, batchQuestion } from '../../src/approval/batch/batch.ts'
import { sha256 } from '../../src/approval/verify-answer.ts'
import type { Decision } from '../../src/authorizer/decision.ts'
import { noPlanner } from '../../src/broker/plan/planner.ts'
import { partitionOf } from '../../src/lease/lease-id.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { applying, BatchWorld, type Planned } from './a-batch-world.ts'

let world: BatchWorld
let lease: string
let names = 0
const fresh = () => applying(`box-${names++}`)

beforeAll(async () => {
  world = await BatchWorld.start()
})
afterAll(() => world?.stop())
afterEach(() => world.clear())
beforeEach(async () => {
  world.broker.aheadMs += 60_000
  lease = await world.lease()
})

/** Holds every right on the store. */
const hack = (...[name, ...args]: [string, ...(string | number)[]]) =>
  world.broker.link.ask(name, redis => redis.call(name, ...args))
const keyOf = (id: string) => `${partitionPrefix(partitionOf(id))}approval:${id}`
const field = async (id: string, name: string) => String(await hack('HGET', keyOf(id), name))

async function asked(requests: readonly Planned[], under = lease) {
  const { body } = await world.plan(under, requests)
  const { requests: members } = await world.show(body.approval)
  return { id: body.approval as string, members: members.map(({ id }: { id: string }) => id) as string[] }
}

function approvalOf(decision: Decision): string {
  return decision.kind === 'deny' ? (decision.approval ?? '') : ''
}

/** Everything of the evil request's own approval, as the store has it. */
async function copied(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) await hack('HSET', keyOf(to), name, await field(from, name))
}

/** Does something while the broker looks at what is there, between its check and its yes; once. */
function meanwhile(act: () => Promise<unknown>): void {
  const planner = noPlanner('there is no cluster here')
  const once = { done: false }
  world.broker.planner = {
    ...planner,
    bind: async (...of) => {
      if (!once.done) {
        once.done = true
        await act()
      }
      return planner.bind(...of)
    },
  }
}

describe('whoever writes to the store while the broker says yes', () => {
  afterEach(() => {
    world.broker.planner = noPlanner('there is no cluster here')
  })

  test.each<{ name: string; tamper: (batch: string, member: string, evil: string) => Promise<unknown> }>([
    {
      name: 'exchanges what one of them is',
      tamper: (_, member, evil) => copied(evil, member, ['digest', 'question']),
    },
    {
      name: 'exchanges what one of them is bound to',
      tamper: (_, member, evil) => copied(evil, member, ['digest']),
    },
    {
      name: 'exchanges what is shown of one of them',
      tamper: (_, member, evil) => copied(evil, member, ['question']),
    },
    {
      name: 'exchanges what all of them are, and has the broker look again',
      tamper: async (batch, _, evil) => {
        await copied(evil, batch, ['digest', 'question'])
        await hack('HSET', keyOf(batch), 'answer', 'said-meanwhile')
      },
    },
    {
      name: 'exchanges which they are, and has the broker look again',
      tamper: async (batch, member, evil) => {
        await hack('HSET', keyOf(batch), 'members', (await field(batch, 'members')).replace(member, evil))
        await hack('HSET', keyOf(batch), 'answer', 'said-meanwhile')
      },
    },
  ])('and $name gets a yes to none', async ({ tamper }) => {
    const [one, two, bad] = [fresh(), fresh(), fresh()]
    const { id, members } = await asked([one, two])
    const { members: evil } = await asked([bad])
    meanwhile(() => tamper(id, members[0] as string, evil[0] as string))
    expect((await world.yes(id)).status).toBe(409)
    for (const each of members) expect(await field(each, 'answer')).toBe('null')
    const send = world.road()
    for (const each of [one, two, bad]) expect((await send(lease, each)).kind).toBe('deny')
  })

  test('and exchanges what a question about one request is about gets no yes', async () => {
    const [one, bad] = [fresh(), fresh()]
    const [id, evil] = await Promise.all([one, bad].map(async each => approvalOf(await world.road()(lease, each))))
    meanwhile(async () => {
      await copied(evil as string, id as string, ['digest', 'question'])
      await hack('HSET', keyOf(id as string), 'answer', 'said-meanwhile')
    })
    expect((await world.yes(id as string)).status).toBe(409)
    for (const each of [one, bad]) expect((await world.road()(lease, each)).kind).toBe('deny')
  })

  test('with another yes, does not keep this one from being said', async () => {
    const [one, two] = [fresh(), fresh()]
    const { id } = await asked([one, two])
    meanwhile(() => hack('HSET', keyOf(id), 'answer', 'said-meanwhile'))
    expect((await world.yes(id)).body.state).toBe('approved')
    for (const each of [one, two]) expect((await world.road()(lease, each)).kind).toBe('allow')
  })
})

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

describe('whoever writes to the store and sponsors the agent', () => {
  /** Asks for grace, who is an approver too. */
  async function askedForHer(requests: readonly Planned[]) {
    const token = await world.broker.token('web-operator', { sponsor: 'grace' })
    const wish = { template: 'deploy', reason: 'a release', namespaces: ['shop'], ttl: '1h' }
    const own = (await world.broker.call('POST', '/v1/leases', { token, body: wish })).body.id
    const sent = requests.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString('base64') }))
    const planned = await world.broker.call('POST', `/v1/leases/${own}/plan`, { token, body: { requests: sent } })
    const id: string = planned.body.approval
    return { own, id, members: (await field(id, 'members')).split(' ') }
  }

  /** Says what the forger wants of one of them, and has the batch say the same of itself. */
  async function forge(batch: string, members: readonly string[], said: Readonly<Record<string, string>>) {
    const [first] = members as [string]
    const question = JSON.parse(await field(first, 'question'))
    await hack('HSET', keyOf(first), 'question', JSON.stringify({ ...question, ...said }))
    const read = await Promise.all(
      members.map(async id => {
        const text = await field(id, 'question')
        return { digest: await field(id, 'digest'), questionSha256: sha256(text), question: JSON.parse(text) }
      }),
    )
    await hack('HSET', keyOf(batch), 'digest', batchDigest(read), 'question', JSON.stringify(batchQuestion(read)))
  }

  test.each<{ name: string; said: Readonly<Record<string, string>> }>([
    { name: 'another sponsor', said: { sponsor: 'ada' } },
    { name: 'no sponsor', said: { sponsor: '' } },
    { name: 'another agent and sponsor', said: { sponsor: 'ada', agent: 'log-reader' } },
    { name: 'another sponsor and lease', said: { sponsor: 'ada', lease: 'lea_other' } },
    { name: 'another sponsor and task', said: { sponsor: 'ada', task: 'something else' } },
  ])('and has one of them say $name says yes to none', async ({ said }) => {
    const [one, two] = [fresh(), fresh()]
    const { own, id, members } = await askedForHer([one, two])
    expect((await world.yes(id, 'grace')).status).toBe(403)
    await forge(id, members, said)
    const answer = { digest: await field(id, 'digest'), plan: null }
    expect((await world.broker.as('grace', 'POST', `/v1/approvals/${id}/approve`, answer)).status).toBe(409)
    const send = world.road()
    for (const each of [one, two]) expect((await send(own, each)).kind).toBe('deny')
  })

  test.each(['task', 'sponsor'])('and has one of them say another %s gets a yes of nobody', async what => {
    const { id, members } = await asked([fresh(), fresh()])
    await forge(id, members, { [what]: 'something else' })
    const answer = { digest: await field(id, 'digest'), plan: null }
    expect((await world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, answer)).status).toBe(409)
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
