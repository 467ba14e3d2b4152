import { afterEach, describe, expect, test } from 'vitest'
import { batchDigest, batchQuestion } from '../../../../src/approval/batch/batch.ts'
import { sha256 } from '../../../../src/approval/verify-answer.ts'
import { noPlanner } from '../../../../src/broker/plan/planner.ts'
import { approvalOf, keyOf } from '../../a-store-writer.ts'
import type { Planned } from '../a-batch-world.ts'
import { asked, copied, field, fresh, hack, lease, world } from './the-batches.ts'

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
    // Whatever the question says, the agent has a lease for her.
    expect((await world.broker.as('grace', 'POST', `/v1/approvals/${id}/approve`, answer)).status).toBe(403)
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
