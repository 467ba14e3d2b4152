import { describe, expect, test } from 'vitest'
import { toDenial } from '../../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../../src/authorizer/authorize.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { answering } from '../../lease/a-lease.ts'
import { aPolicy, aTemplate } from '../../policy/a-policy.ts'
import { plainAnswer } from '../../support/wire/plain-answer.ts'
import { aRoad, http, NOW } from '../road.ts'

const TWO: Quorum = { people: 2, groups: [['oncall']] }
const wanting = (quorum: Quorum) => aPolicy({ templates: [aTemplate({ approval: { skip: [], require: [], quorum } })] })

async function asking() {
  const { around, stores, token } = await aRoad()
  let policy = wanting(TWO)
  const ask = async () => {
    const decision = await authorize(http('GET /api/v1/namespaces/x/secrets/db', token), {
      ...around,
      policy: () => policy,
    })
    if (decision.kind !== 'deny' || decision.approval === null) throw new Error('it did not wait')
    return { id: decision.approval, says: JSON.parse(toDenial(decision).body).message as string }
  }
  const edit = (quorum: Quorum) => {
    policy = wanting(quorum)
  }
  return { ask, stores, edit }
}

describe('a request that several people must say yes to', () => {
  test('tells the agent how many did, and is one question all the while', async () => {
    const { ask, stores } = await asking()
    const { id, says } = await ask()
    expect(says).toContain('waits for approval: 0 of 2 people of oncall said yes')
    expect(says).toContain(`to ${id}, since this is answered with a Secret (high, secrets-get); `)
    expect((await stores.approvals.find(id, NOW))?.question.quorum).toEqual(TWO)
    const proof = plainAnswer(id, NOW + 10_000)
    await stores.approvals.answer({ ...answering(id, 'approved', NOW), verdict: 'pending', proof })
    const next = await ask()
    expect(next).toMatchObject({ id, says: expect.stringContaining('1 of 2 people of oncall said yes') })
    expect(next.says).toContain(`leasegate approve ${id}`)
  })

  test('becomes another question when the policy comes to want more, and stays the same when it wants less than the lease', async () => {
    const { ask, edit } = await asking()
    const first = await ask()
    edit({ people: 3, groups: [['oncall']] })
    const second = await ask()
    expect(second.id).not.toBe(first.id)
    expect(second.says).toContain('0 of 3')
    edit(TWO)
    expect((await ask()).id).toBe(first.id)
  })
})
