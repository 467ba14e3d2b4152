import { expect, test } from 'vitest'
import type { ClusterView, Looked } from '../../../src/approval/plan/look/cluster-view.ts'
import { makePlan } from '../../../src/approval/plan/make-plan.ts'
import { aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { read } from '../../request/a-http-request.ts'

const found = (value: unknown): Looked => ({ kind: 'found', value })

/** Of what an API server would say. */
async function planOf(line: string, view: Partial<ClusterView>) {
  const [method = '', target = ''] = line.split(' ')
  const nothing = async () => found({ items: [] })
  const made = await makePlan({
    request: read(line),
    sent: { method, target, headers: [], body: new Uint8Array() },
    lease: leaseOf(aTemplate()),
    granted: '',
    view: { get: nothing, getAs: nothing, dryRunAs: nothing, ...view },
    sessions: 'unknown',
    now: 0,
    mask: text => text,
  })
  if (made.kind === 'none') throw new Error(made.problem)
  return made
}

test('of a collection that has another page nobody says how many go', async () => {
  const items = Array.from({ length: 500 }, (_, index) => ({ metadata: { name: `p-${index}`, uid: `u-${index}` } }))
  const list = found({ metadata: { continue: 'more' }, items })
  const { plan } = await planOf('DELETE /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb', {
    get: async target => (target.includes('labelSelector') ? list : found({ items: [] })),
  })
  expect(plan.summary).toMatch(/^deletes at least 500 pods/)
  expect(plan.notes).toContain('there are more than are counted here')
})

test.each([
  ['POST /api/v1/namespaces/shop/bindings', false],
  ['POST /api/v1/namespaces/shop/pods/web/binding', false],
  ['POST /api/v1/namespaces/shop/serviceaccounts/web/token', false],
  ['POST /apis/authentication.k8s.io/v1/tokenreviews', false],
  ['POST /apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings', true],
  ['POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings', true],
])('%s is tried: %s', async (line, isTried) => {
  let tried = false
  await planOf(line, {
    get: async () => found({ spec: {} }),
    dryRunAs: async () => {
      tried = true
      return found({})
    },
  })
  expect(tried).toBe(isTried)
})
