import { describe, expect, test } from 'vitest'
import { SHOP } from './a-planned-cluster.ts'
import { DEPLOYMENT, MERGE, patched, SECRET, STRATEGIC, shop } from './the-planned-cluster.ts'

describe('the plan of a write', () => {
  test('is what the API server would make of it, field by field, beside what is there', async () => {
    const body = patched([{ name: 'web', image: 'web:2', env: [{ name: 'MODE', value: 'slow' }] }])
    const { plan, bound } = await shop.plan(`PATCH ${DEPLOYMENT}`, { body, type: STRATEGIC })
    expect(plan.changes).toEqual([
      { path: 'spec.template.spec.containers[web].image', kind: 'changed', before: 'web:1', after: 'web:2' },
      { path: 'spec.template.spec.containers[web].env[MODE].value', kind: 'changed', before: 'fast', after: 'slow' },
    ])
    expect(plan).toMatchObject({ kind: 'write', summary: 'would change 2 fields', cut: [] })
    expect(bound).toBe(`${plan.object?.uid}@${plan.object?.resourceVersion}`)
    // Nothing was done.
    expect(await shop.kubectl(['get', 'deployment', 'web', '-n', SHOP, '-o', 'jsonpath={..image}'])).toContain('web:1')
  })

  test('shows of a credential that it changes, and not what it is', async () => {
    const body = patched([
      { name: 'web', env: [{ name: 'API_TOKEN', value: 'ghp_zyxwvutsrqponmlkjihgfedcba9876543210' }] },
    ])
    const { plan } = await shop.plan(`PATCH ${DEPLOYMENT}`, { body, type: STRATEGIC })
    expect(plan.changes).toEqual([
      { path: 'spec.template.spec.containers[web].env[API_TOKEN].value', kind: 'changed', hidden: true },
    ])
    expect(JSON.stringify(plan)).not.toMatch(/ghp_/)
  })

  test('tells of a Secret which keys are added and changed and which stay, and never a value', async () => {
    const data = { password: 'bmV3LW5ldy1uZXc=', extra: 'bW9yZS1tb3Jl' }
    const { plan } = await shop.plan(`PATCH ${SECRET}`, { body: JSON.stringify({ data }), type: MERGE })
    expect(plan.changes.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'data.extra', kind: 'added', hidden: true },
      { path: 'data.password', kind: 'changed', hidden: true },
    ])
    expect(plan.facts).toContainEqual({ name: 'keys that stay as they are', value: 'user' })
    expect(JSON.stringify(plan)).not.toMatch(/hunter2|bmV3|aHVudGVy|bW9y/)
  })

  test('of what only a template without the right to look may write says so', async () => {
    const body = JSON.stringify({ data: { password: 'bmV3LW5ldy1uZXc=' } })
    const { plan, bound } = await shop.plan(`PATCH ${SECRET}`, { body, type: MERGE, template: shop.blind })
    expect(plan).toMatchObject({ changes: [], object: null })
    expect(plan.notes.join('\n')).toMatch(/what is there may not be looked at/)
    expect(bound).toBe('')
  })

  test('of a create shows all that would be there, and that nothing is yet', async () => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fresh' }, data: { a: '1' } })
    const path = `/api/v1/namespaces/${SHOP}/configmaps`
    const { plan } = await shop.plan(`POST ${path}`, { body, type: 'application/json' })
    expect(plan).toMatchObject({ summary: 'would make a new object', object: null })
    expect(plan.changes).toContainEqual({ path: 'data.a', kind: 'added', after: '1' })
    expect(await shop.kubectl(['get', 'configmaps', '-n', SHOP, '-o', 'name'])).not.toContain('fresh')
  })

  test('says what the API server would refuse, with its words', async () => {
    const body = JSON.stringify({ spec: { replicas: -1 } })
    const { plan } = await shop.plan(`PATCH ${DEPLOYMENT}`, { body, type: MERGE })
    expect(plan.summary).toBe('as things are, the API server would refuse it')
    expect(plan.notes.join('\n')).toMatch(/the API server says: .*greater than or equal to 0/)
  })

  test('of what is a dry run already is one as well', async () => {
    const body = JSON.stringify({ data: { color: 'green' } })
    const { plan } = await shop.plan(`PATCH /api/v1/namespaces/${SHOP}/configmaps/app?dryRun=All`, {
      body,
      type: MERGE,
    })
    expect(plan.changes).toEqual([{ path: 'data.color', kind: 'changed', before: 'blue', after: 'green' }])
  })

  test('says what admission would refuse to the lease itself', async () => {
    const body = JSON.stringify({ spec: { template: { spec: { hostPID: true } } } })
    const { plan } = await shop.plan(`PATCH ${DEPLOYMENT}`, { body, type: MERGE })
    expect(plan.notes.join('\n')).toMatch(/share the host/)
  })

  test('of 2000 lines is made within 2 s', async () => {
    const data = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`line-${index}`, `value ${index}`]))
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'long' }, data })
    // The best of some, for a machine that does other things.
    let best = Infinity
    for (let tries = 0; tries < 5 && best >= 2000; tries++) {
      const from = performance.now()
      const { plan } = await shop.plan(`POST /api/v1/namespaces/${SHOP}/configmaps`, { body, type: 'application/json' })
      best = Math.min(best, performance.now() - from)
      expect(plan.changes.length).toBeGreaterThan(2000)
    }
    expect(best).toBeLessThan(2000)
  })

  test('of something that would be out of sight has it in sight', async () => {
    const body = JSON.stringify({ data: { color: 'red\u202eder\u001b[2J' } })
    const { plan } = await shop.plan(`PATCH /api/v1/namespaces/${SHOP}/configmaps/app`, { body, type: MERGE })
    expect(plan.changes).toEqual([
      { path: 'data.color', kind: 'changed', before: 'blue', after: 'red\\u{202e}der\\u{1b}[2J' },
    ])
  })
})
