import { describe, expect, test } from 'vitest'
import { toDenial } from '../../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../../src/authorizer/surroundings.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { answering, creating } from '../../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { aRoad, http, lastEntry, NOW } from '../road.ts'

const ONE = { budgets: { requests: 1 } }
const ASKS = { ...ONE, askBeyond: ['requests'] } as const

/** A lease as one template gave it, used under another of today. */
async function under(atIssue: Partial<TaskTemplate>, today = atIssue, given: Partial<Lease> = {}) {
  const road = await aRoad()
  const lease = leaseOf(aTemplate(atIssue), { agent: 'bot', issuedAt: NOW, expiresAt: NOW + 600_000, ...given })
  await road.stores.store.create(creating(lease))
  const policy = aPolicy({ templates: [aTemplate(today)] })
  const around: Surroundings = { ...road.around, findLease: async () => lease, policy: () => policy }
  const send = (line: string) => authorize(http(line, road.token), around)
  const asked = async (line: string) => {
    const decision = await send(line)
    if (decision.kind !== 'deny' || decision.approval === null) throw new Error(JSON.stringify(decision))
    expect(decision.reason).toBe('approval-pending')
    return { id: decision.approval, says: JSON.parse(toDenial(decision).body).message as string }
  }
  const yes = (id: string) => road.stores.approvals.answer(answering(id, 'approved', NOW))
  const question = async (id: string) => (await road.stores.approvals.find(id, NOW))?.question
  const taken = async () => (await road.stores.store.find(lease.id, NOW))?.taken
  return { ...road, lease, send, asked, yes, question, taken }
}

const get = (name: string) => `GET /api/v1/namespaces/x/pods/${name}`

describe('authorize, beyond a budget that asks', () => {
  test('a yes is for one request, which counts, and the next one asks anew', async () => {
    const { send, asked, yes, taken, stores, question } = await under(ASKS)
    expect(await send(get('a'))).toMatchObject({ kind: 'allow' })
    const { id, says } = await asked(get('a'))
    expect(says).toContain('goes beyond what the lease has of its budget of requests (medium, budget)')
    expect(await question(id)).toMatchObject({
      risk: 'budget',
      beyond: ['requests'],
      facts: ['! beyond its budget: nothing is left of requests'],
    })
    expect((await asked(get('a'))).id).toBe(id)
    expect(await taken()).toEqual({ requests: 1, questions: 1 })
    await yes(id)
    expect((await asked(get('b'))).id).not.toBe(id)
    expect(await send(get('a'))).toMatchObject({ kind: 'allow', approval: id })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'approval', risk: 'budget' })
    expect(await taken()).toMatchObject({ requests: 2 })
    expect((await asked(get('a'))).id).not.toBe(id)
  })

  test.each<{ name: string; atIssue: Partial<TaskTemplate>; today: Partial<TaskTemplate> }>([
    { name: 'neither says so', atIssue: ONE, today: ONE },
    { name: 'the lease does not', atIssue: ONE, today: ASKS },
    { name: "today's template does not", atIssue: ASKS, today: ONE },
    {
      name: 'it says so of another',
      atIssue: { ...ONE, askBeyond: ['deletes'] },
      today: { ...ONE, askBeyond: ['deletes'] },
    },
  ])('is refused where $name', async ({ atIssue, today }) => {
    const { send } = await under(atIssue, today)
    await send(get('a'))
    expect(await send(get('a'))).toMatchObject({ kind: 'deny', reason: 'budget-spent', detail: 'requests' })
  })

  test('is refused where another budget has nothing left either, and asked once where both ask', async () => {
    const budgets = { requests: 0, secretReads: 0 }
    const { send } = await under({ budgets, askBeyond: ['requests'] })
    const secret = 'GET /api/v1/namespaces/x/secrets/db'
    expect(await send(secret)).toMatchObject({ kind: 'deny', reason: 'budget-spent', detail: 'secretReads' })
    const both = await under({ budgets, askBeyond: ['requests', 'secretReads'] })
    const { id } = await both.asked(secret)
    const question = await both.question(id)
    expect(question).toMatchObject({ risk: 'secrets-get', beyond: ['requests', 'secretReads'] })
    expect(question?.facts.filter(fact => fact.startsWith('! beyond'))).toHaveLength(2)
    await both.yes(id)
    expect(await both.send(secret)).toMatchObject({ kind: 'allow', approval: id })
  })

  test('a yes that was given while something was left says nothing of the budget', async () => {
    const { send, asked, yes } = await under(ASKS)
    const secret = 'GET /api/v1/namespaces/x/secrets/db'
    const { id } = await asked(secret)
    await yes(id)
    await send(get('a'))
    const more = await asked(secret)
    expect(more.id).not.toBe(id)
    await yes(more.id)
    expect(await send(secret)).toMatchObject({ kind: 'allow', approval: more.id })
  })

  test('wants as many people as the template wants of all that asks', async () => {
    const approval = { skip: [], require: [], quorum: { people: 2, groups: [] } }
    const { send, asked } = await under({ ...ASKS, approval })
    await send(get('a'))
    expect((await asked(get('a'))).says).toContain('0 of 2 people said yes')
  })

  test('`can-i` says that it waits, and takes nothing', async () => {
    const { around, token, lease } = await under(ASKS)
    const policy = aPolicy({ templates: [aTemplate(ASKS)] })
    const own = { ...around, findLease: async () => lease, policy: () => policy }
    const ask = () => {
      const spec = { resourceAttributes: { namespace: 'x', verb: 'get', resource: 'pods' } }
      const body = Buffer.from(JSON.stringify({ spec }))
      const headers = [
        ['authorization', `Bearer ${token}`],
        ['content-type', 'application/json'],
      ] as const
      const line = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      return authorize(http(line, token, { body, headers }), own)
    }
    expect(await ask()).toMatchObject({ kind: 'allow' })
    await authorize(http(get('a'), token), own)
    const answered = await ask()
    expect(answered).toMatchObject({
      kind: 'answer',
      review: { warning: expect.stringContaining('budget of requests') },
    })
    expect(answered.kind === 'answer' && JSON.parse(answered.review.body).status.allowed).toBe(true)
  })
})
