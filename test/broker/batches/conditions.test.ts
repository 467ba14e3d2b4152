import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { applying, BatchWorld } from './a-batch-world.ts'

let world: BatchWorld
let lease: string

beforeAll(async () => {
  world = await BatchWorld.start()
})
afterAll(() => world?.stop())
afterEach(() => world.clear())
beforeEach(async () => {
  lease = await world.lease()
})

describe('a plan under conditions of today', () => {
  const today = (given: Partial<TaskTemplate>) => {
    const { broker } = world
    const before = broker.policy
    broker.policy = { ...before, templates: before.templates.map(template => ({ ...template, ...given })) }
    onTestFinished(() => {
      broker.policy = before
    })
  }

  test.each<{ name: string; given: Partial<TaskTemplate>; from: string; reason: string }>([
    { name: 'a ticket', given: { ticket: 'OPS-[0-9]+' }, from: '127.0.0.1', reason: 'not-in-policy' },
    { name: 'networks', given: { networks: [['10.0.0.0/8']] }, from: '127.0.0.1', reason: 'outside-networks' },
    { name: 'networks, of who knows where', given: { networks: [['::/0']] }, from: '', reason: 'outside-networks' },
  ])('is denied what the boundary would deny, and asks nobody: $name', async ({ given, from, reason }) => {
    today(given)
    const one = applying('web')
    const { body } = await world.plan(lease, [one], 'web-operator', from)
    expect(body).toMatchObject({ approval: null, requests: [{ verdict: 'denied', reason }] })
    expect(await world.road()(lease, one)).toMatchObject({ kind: 'deny', reason })
  })

  test('asks from within its networks', async () => {
    today({ networks: [['127.0.0.0/8']] })
    const one = applying('web')
    const { body } = await world.plan(lease, [one], 'web-operator', '127.0.0.1')
    expect(body.requests).toMatchObject([{ verdict: 'asks' }])
    expect(await world.road()(lease, one)).toMatchObject({ reason: 'approval-pending', approval: body.approval })
  })
})
