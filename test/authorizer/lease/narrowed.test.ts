import { describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { newChildLeaseId } from '../../../src/lease/lease-id.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { creating } from '../../lease/a-lease.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { aRoad, http, NOW } from '../road.ts'

/** A lease of template `wide`, and one of template `narrow` that was narrowed from it: what each sends when the policy has `wide` so. */
async function narrowed(today: Partial<TaskTemplate>) {
  const { around, stores, lease, tokenFor } = await aRoad()
  const parent = { ...lease, template: 'wide' }
  const child = {
    ...leaseOf(aTemplate({ name: 'narrow' }), { agent: 'bot', issuedAt: NOW, expiresAt: NOW + 600_000 }),
    id: newChildLeaseId(parent.id),
    ancestors: [parent.id],
  }
  await stores.store.create(creating(child))
  const policy = aPolicy({ templates: [aTemplate({ name: 'wide', ...today }), aTemplate({ name: 'narrow' })] })
  const find = async (id: string) => [parent, child].find(one => one.id === id) ?? null
  const send = async (line: string, body = '', id = child.id) =>
    authorize(http(line, await tokenFor({ id }), { body: Buffer.from(body) }), {
      ...around,
      findLease: find,
      policy: () => policy,
    })
  return { parent, send }
}

const PODS = 'GET /api/v1/namespaces/x/pods'
const ACCESS = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const RULES = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const review = (kind: string, spec: object) =>
  JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: `SelfSubject${kind}Review`, spec })
const MAY_I = review('Access', { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'x' } })

const BINDING = [
  { what: 'networks', today: { networks: [['10.0.0.0/8']] }, reason: 'outside-networks' },
  { what: 'a ticket', today: { ticket: 'OPS-[0-9]+' }, reason: 'not-in-policy' },
  { what: 'a grant that was withdrawn', today: { grants: [] }, reason: 'not-in-policy' },
]
const WITHDRAWN = [
  { what: 'narrower rules', today: { rules: [aRule({ verbs: ['get'], resources: ['configmaps'] })] } },
  { what: 'a namespace less', today: { grants: [{ agent: 'bot', namespaces: ['y'] }] } },
]

describe('a lease that was narrowed from another is bound today by what binds that', () => {
  test.each([...BINDING, ...WITHDRAWN.map(one => ({ ...one, reason: 'out-of-scope' }))])(
    '$what',
    async ({ today, reason }) => {
      const { parent, send } = await narrowed(today)
      expect(await send(PODS, '', parent.id)).toMatchObject({ kind: 'deny', reason })
      expect(await send(PODS)).toMatchObject({
        kind: 'deny',
        reason,
        detail: expect.stringContaining(`${parent.id}, which this lease was narrowed from: `),
      })
    },
  )

  test('a risk that asks', async () => {
    const line = 'DELETE /api/v1/namespaces/x/events/a'
    expect(await (await narrowed({})).send(line)).toMatchObject({ kind: 'allow' })
    const { send } = await narrowed({ approval: { skip: [], require: ['events-write'] } })
    expect(await send(line)).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })

  test.each(BINDING)('in what it asks about its rights: $what', async ({ today, reason }) => {
    const { send } = await narrowed(today)
    expect(await send(ACCESS, MAY_I)).toMatchObject({ kind: 'deny', reason })
  })

  test.each(WITHDRAWN)('in what it is told of its rights: $what', async ({ today }) => {
    const { parent, send } = await narrowed(today)
    const answered = await send(ACCESS, MAY_I)
    expect(answered.kind).toBe('answer')
    expect(JSON.stringify(answered)).toMatch(/denied\W+true/)
    expect(JSON.stringify(answered)).toContain(parent.id)
    const rules = await send(RULES, review('Rules', { namespace: 'x' }))
    expect(rules.kind).toBe('answer')
    expect('review' in rules ? JSON.stringify(rules.review) : '*').not.toMatch(/resources\W+\*/)
  })

  test('and by nothing where that is as it was', async () => {
    const { send } = await narrowed({})
    expect(await send(PODS)).toMatchObject({ kind: 'allow' })
    expect(await send(ACCESS, MAY_I)).toMatchObject({ kind: 'allow' })
  })
})
