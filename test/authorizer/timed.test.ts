import { describe, expect, test } from 'vitest'
import { toAnswer, toDenial } from '../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import { secondsIn, toMetadata } from '../../src/envoy/metadata.ts'
import { writePlainAllow } from '../../src/envoy/wire/write-response.ts'
import type { Budgets } from '../../src/lease/lease.ts'
import { creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { aRoad, http, NOW } from './road.ts'

/** A lease with these budgets, used under a template that has those today. */
async function aLease(budgets: Budgets, today: Budgets) {
  const road = await aRoad()
  const lease = leaseOf(aTemplate({ budgets }), { agent: 'bot', issuedAt: NOW - 60_000, expiresAt: NOW + 600_000 })
  await road.stores.store.create(creating(lease))
  const policy = aPolicy({ templates: [aTemplate({ budgets: today })] })
  const around = { ...road.around, findLease: async () => lease, policy: () => policy }
  const token = await road.tokenFor({ id: lease.id, agent: 'bot' })
  const headers = [
    ['authorization', `Bearer ${token}`],
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
  ] as const
  const exec = () =>
    authorize(
      http('GET /api/v1/namespaces/x/pods/p/exec?command=ls&stdout=true', token, { headers, route: 'session' }),
      around,
    )
  const read = () => authorize(http('GET /api/v1/namespaces/x/pods', token), around)
  return { exec, read }
}

describe('a session under a lease whose seconds are counted', () => {
  test.each([
    { name: 'the lease', budgets: { execSeconds: 4 }, today: { execSeconds: 100 } },
    { name: "today's template", budgets: {}, today: { execSeconds: 4 } },
  ])('is let through with what $name has for its beginning, and the next is refused', async ({ budgets, today }) => {
    const { exec, read } = await aLease(budgets, today)
    const decision = await exec()
    expect(decision).toMatchObject({ kind: 'allow', seconds: 4, nearly: { budget: 'execSeconds', count: 0 } })
    const answer = toAnswer(decision)
    expect(secondsIn(toMetadata(answer))).toBe(4)
    const refused = await exec()
    if (refused.kind !== 'deny') throw new Error('allowed')
    expect(refused).toMatchObject({ reason: 'budget-spent', detail: 'execSeconds' })
    expect(toDenial(refused)).toMatchObject({ status: 403, retryAfter: null })
    expect(await read()).toMatchObject({ kind: 'allow' })
  })

  test('of any other nothing is said to Envoy, and it is answered as ever', async () => {
    const { exec } = await aLease({ requests: 5 }, {})
    const decision = await exec()
    expect(decision).toMatchObject({ kind: 'allow' })
    const answer = toAnswer(decision)
    expect(secondsIn(toMetadata(answer))).toBeNull()
    expect(writePlainAllow(answer)).not.toBeNull()
    if (answer.kind !== 'allow') throw new Error('denied')
    expect(writePlainAllow({ ...answer, seconds: 4 })).toBeNull()
  })
})
