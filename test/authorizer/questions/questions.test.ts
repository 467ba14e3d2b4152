import { describe, expect, test } from 'vitest'
import { toDenial } from '../../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../../src/authorizer/authorize.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { answering } from '../../lease/a-lease.ts'
import { aPolicy, aTemplate } from '../../policy/a-policy.ts'
import { aRoad, http, lastEntry, NOW } from '../road.ts'

describe('authorize, of what asks a human', () => {
  test('a yes is for exactly one request, and used up by it', async () => {
    const { around, stores, token } = await aRoad()
    const secret = () => authorize(http('GET /api/v1/namespaces/x/secrets/db', token), around)
    const held = await secret()
    if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
    expect(held.reason).toBe('approval-pending')
    await stores.approvals.answer(answering(held.approval, 'approved', NOW))
    const other = await authorize(http('GET /api/v1/namespaces/x/secrets/other', token), around)
    expect(other).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect((await secret()).kind).toBe('allow')
    const again = await secret()
    expect(again).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect(again.kind === 'deny' && again.approval).not.toBe(held.approval)
  })

  test('what the yes was bound to comes with the decision that it lets pass', async () => {
    const { around, stores, token } = await aRoad()
    const ledger: typeof stores.ledger = {
      ...stores.ledger,
      commit: async () => ({ kind: 'allowed', approval: 'apr_1', bound: 'u1@10' }),
    }
    const decision = await authorize(http('GET /api/v1/namespaces/x/secrets/db', token), { ...around, ledger })
    expect(decision).toMatchObject({ kind: 'allow', approval: 'apr_1', bound: 'u1@10' })
  })

  test('an edit of the policy voids the yes that it concerns, and says so; one elsewhere voids none', async () => {
    const { around, stores, token } = await aRoad()
    const secret = (policy: Policy) =>
      authorize(http('GET /api/v1/namespaces/x/secrets/db', token), { ...around, policy: () => policy })
    const [template = aTemplate()] = aPolicy().templates
    const weighed = (id: string) => [[{ id, tier: 'critical' as const, why: '', match: null }]]
    const [before, elsewhere, here] = [
      aPolicy({ revision: 'r1' }),
      aPolicy({
        revision: 'r2',
        templates: [
          {
            ...template,
            description: 'new',
            maxLeases: 99,
            approval: { skip: [], require: ['pods-log'] },
            riskRules: weighed('pods-log'),
          },
          aTemplate({ name: 'other' }),
        ],
        productionNamespaces: ['prod-*', 'elsewhere'],
        mask: { names: ['colour'], prefixes: [] },
      }),
      aPolicy({ revision: 'r3', templates: [{ ...template, riskRules: weighed('secrets-get') }] }),
    ]
    const ask = async (policy: Policy) => {
      const held = await secret(policy)
      if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
      return held
    }
    const first = await ask(before)
    expect((await ask(elsewhere)).approval).toBe(first.approval)
    await stores.approvals.answer(answering(first.approval ?? '', 'approved', NOW))
    const second = await ask(here)
    expect(second.approval).not.toBe(first.approval)
    expect(toDenial(second).body).toContain(
      `what was said to ${first.approval} does not hold for it: the policy for this task was edited, and says something else to it`,
    )
    expect((await secret(elsewhere)).kind).toBe('allow')
  })

  test('a yes to an eviction that the API server put off is for the next try, and said to have been used by this one', async () => {
    const { around, stores, token } = await aRoad()
    const evict = () =>
      authorize(http('POST /api/v1/namespaces/x/pods/web-0/eviction', token, { body: Buffer.from('{}') }), {
        ...around,
        policy: () => asking,
      })
    const [template = aTemplate()] = aPolicy().templates
    const asking = aPolicy({ templates: [{ ...template, approval: { skip: [], require: ['pods-eviction'] } }] })
    const held = await evict()
    if (held.kind !== 'deny' || held.approval === null) throw new Error(`it did not wait: ${JSON.stringify(held)}`)
    await stores.approvals.answer(answering(held.approval, 'approved', NOW))
    const first = await evict()
    expect(first).toMatchObject({ kind: 'allow', approval: held.approval })
    expect(await stores.ledger.giveBack({ approval: held.approval, request: first.key.auditId, now: NOW })).toBe(true)
    expect(await evict()).toMatchObject({ kind: 'allow', approval: held.approval })
    expect(await evict()).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })

  test('nobody is asked what could not be shown, and nothing waits', async () => {
    const { around, stores, token } = await aRoad()
    const decision = await authorize(http('DELETE /api/v1/namespaces/x/secrets?x=1', token), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'cannot-be-asked', approval: null })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'deny', reason: 'cannot-be-asked' })
    expect(await stores.approvals.pending({ agent: null, after: '', limit: 10 }, NOW)).toEqual({
      items: [],
      next: null,
    })
  })

  test('a yes that nobody signed lets nothing pass, and is told of', async () => {
    const { around, stores, token, failures } = await aRoad()
    const secret = () => authorize(http('GET /api/v1/namespaces/x/secrets/db', token), around)
    const held = await secret()
    if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
    await stores.approvals.answer({ ...answering(held.approval, 'approved', NOW), proof: '' })
    expect(await secret()).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    expect(String(failures)).toContain(held.approval)
  })
})
