// Where a yes is one to something else, and where it still is: by this a look at the moment of the yes is compared with the plan.
import { describe, expect, test } from 'vitest'
import type { Looked } from '../../../src/approval/plan/look/cluster-view.ts'
import { absent, found, named, planOf, refused } from './a-told-plan.ts'

const SHOP = '/api/v1/namespaces/shop'
const JSON_BODY = 'application/json'
const MERGE = 'application/merge-patch+json'
const NOW = Date.parse('2026-09-08T10:00:00Z')

const local = { '/apis/apiregistration.k8s.io': found({ spec: {} }) }

describe('what would become of a write', () => {
  const state = async (line: string, runs: readonly object[], { body = '{}', type = JSON_BODY, now = NOW } = {}) =>
    (await planOf(line, local, { body, type, after: runs.map(found), now })).state
  const CREATE = `POST ${SHOP}/pods`
  const pod = (more: object = {}, name = 'p') => ({
    metadata: { name },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...more },
  })

  test('is another when admission has come to write something else into it', async () => {
    const before = await state(CREATE, [pod(), pod()])
    expect(await state(CREATE, [pod(), pod()])).toBe(before)
    for (const other of [
      pod({ containers: [{ name: 'web', image: 'mirror/web:1' }] }),
      pod({
        containers: [
          { name: 'web', image: 'web:1' },
          { name: 'sidecar', image: 's' },
        ],
      }),
      pod({ hostNetwork: true }),
    ])
      expect(await state(CREATE, [other, other])).not.toBe(before)
  })

  test('is the same where only what is drawn by lot differs: names of pods and of volumes of tokens', async () => {
    const drawn = (lot: string) =>
      pod({ volumes: [{ name: `kube-api-access-${lot}`, projected: { sources: [] } }] }, `web-${lot}`)
    const before = await state(CREATE, [drawn('1'), drawn('2')])
    expect(await state(CREATE, [drawn('3'), drawn('4')])).toBe(before)
    expect(
      await state(CREATE, [
        { ...drawn('3'), more: 1 },
        { ...drawn('4'), more: 1 },
      ]),
    ).not.toBe(before)
  })

  test('is the same where only when it was tried differs, and not where a time was sent or was there', async () => {
    const at = (time: string) => ({ metadata: { name: 'p', annotations: { 'example.com/injected': time } } })
    const [one, other] = ['2026-09-08T10:00:01Z', '2026-09-08T10:00:59Z']
    expect(await state(CREATE, [at(one), at(one)])).toBe(await state(CREATE, [at(other), at(other)]))
    const sent = { body: JSON.stringify(at(one)) }
    expect(await state(CREATE, [at(one), at(one)], sent)).not.toBe(await state(CREATE, [at(other), at(other)], sent))
    const old = '2024-01-01T00:00:00Z'
    expect(await state(CREATE, [at(old), at(old)])).not.toBe(await state(CREATE, [at(one), at(one)]))
  })

  test('of a status is what the plan shows, whatever else controllers tell beside', async () => {
    const PATH = '/apis/apps/v1/namespaces/shop/deployments/web'
    const status = (replicas: number, ready: number) => named('web', { status: { replicas, ready } })
    const stateOf = async (was: object, is: object) =>
      (
        await planOf(
          `PATCH ${PATH}/status`,
          { ...local, [PATH]: found(was) },
          { body: '{}', type: MERGE, after: found(is) },
        )
      ).state
    const before = await stateOf(status(1, 1), status(5, 1))
    expect(await stateOf(status(1, 0), status(5, 0))).toBe(before)
    expect(await stateOf(status(2, 1), status(5, 1))).not.toBe(before)
  })
})

describe('parts of an object', () => {
  const POD = `${SHOP}/pods/web-0`
  const pod = named('web-0', {
    spec: { nodeName: 'node-7', serviceAccountName: 'shopkeeper', containers: [{ name: 'web', image: 'web:1' }] },
  })
  const debugger_ = { name: 'debugger-x', image: 'busybox', stdin: true, tty: true, targetContainerName: 'web' }
  const debugged = { ...pod, spec: { ...pod.spec, ephemeralContainers: [debugger_] } }
  const STRATEGIC = 'application/strategic-merge-patch+json'
  const body = JSON.stringify({ spec: { ephemeralContainers: [debugger_] } })

  test('kubectl debug is planned as what comes into whose pod, and its yes is for that one', async () => {
    const said = { [POD]: found(pod), [`${POD}/ephemeralcontainers`]: refused }
    const { plan, bound } = await planOf(`PATCH ${POD}/ephemeralcontainers`, said, {
      body,
      type: STRATEGIC,
      after: found(debugged),
    })
    expect(plan.changes).toEqual(
      expect.arrayContaining([
        { path: 'spec.ephemeralContainers[debugger-x].image', kind: 'added', after: 'busybox' },
        { path: 'spec.ephemeralContainers[debugger-x].tty', kind: 'added', after: 'true' },
      ]),
    )
    expect(plan.facts).toEqual(
      expect.arrayContaining([
        { name: 'node', value: 'node-7' },
        { name: 'service account', value: 'shopkeeper' },
        { name: 'owner', value: expect.stringContaining('nobody') },
      ]),
    )
    expect(bound).toBe('uid-web-0@1')
  })

  test.each([
    ['PATCH', `${POD}/resize`, POD],
    ['PUT', `${POD}/status`, POD],
    [
      'PUT',
      '/apis/example.com/v1/namespaces/shop/things/one/status',
      '/apis/example.com/v1/namespaces/shop/things/one',
    ],
  ])('%s %s is bound to the object that it is a part of', async (method, path, whole) => {
    const said = { ...local, [whole]: found(pod), [path]: refused }
    const { bound } = await planOf(`${method} ${path}`, said, {
      body: '{}',
      type: method === 'PUT' ? JSON_BODY : MERGE,
      after: found(pod),
    })
    expect(bound).toBe('uid-web-0@1')
  })

  test('a delete of what is not there is for nothing that comes under the name, and of what nobody may look at said to be unbound', async () => {
    const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'
    for (const path of [WEB, SHOP]) {
      expect((await planOf(`DELETE ${path}`, { [path]: absent })).bound).toBe('none')
      const { plan, bound } = await planOf(`DELETE ${path}`, { [path]: refused })
      expect(bound).toBe('')
      expect(plan.notes.slice(0, plan.heavy)).toContainEqual(expect.stringMatching(/whatever is there by then/))
    }
  })

  test('where nobody may look the first thing said is what a yes is not bound to', async () => {
    const { plan, bound } = await planOf(
      `PATCH ${POD}/ephemeralcontainers`,
      { [POD]: refused },
      { body, type: STRATEGIC, after: found(debugged) },
    )
    expect(bound).toBe('')
    expect(plan.notes.slice(0, plan.heavy)).toContainEqual(expect.stringMatching(/whatever is there by then/))
  })
})

describe('what goes with a delete', () => {
  const owner = (uid: string) => [{ uid }]
  const item = (name: string, of?: string) => {
    const { metadata } = named(name)
    return { metadata: of === undefined ? metadata : { ...metadata, ownerReferences: owner(of) } }
  }
  const stateOf = async (line: string, said: Readonly<Record<string, Looked>>) => (await planOf(line, said)).state

  test('of a namespace is another with each thing that somebody puts there, and not with what comes by itself', async () => {
    const NAMESPACE = { [SHOP]: found(named('shop')) }
    const cron = { ...NAMESPACE, '/apis/batch/v1/namespaces/shop/cronjobs': found({ items: [item('nightly')] }) }
    const jobs = (...items: readonly object[]) => ({ ...cron, '/apis/batch/v1/namespaces/shop/jobs': found({ items }) })
    const before = await stateOf(`DELETE ${SHOP}`, jobs(item('nightly-1', 'uid-nightly')))
    expect(
      await stateOf(`DELETE ${SHOP}`, jobs(item('nightly-1', 'uid-nightly'), item('nightly-2', 'uid-nightly'))),
    ).toBe(before)
    expect(await stateOf(`DELETE ${SHOP}`, cron)).toBe(before)
    expect(await stateOf(`DELETE ${SHOP}`, jobs(item('by-hand')))).not.toBe(before)
    const claimed = { ...cron, [`${SHOP}/persistentvolumeclaims`]: found({ items: [item('data')] }) }
    expect(await stateOf(`DELETE ${SHOP}`, claimed)).not.toBe(before)
  })

  test('of an object is another where what lasts comes to it, and not where pods come and go', async () => {
    const NIGHTLY = '/apis/batch/v1/namespaces/shop/cronjobs/nightly'
    const with_ = (more: Readonly<Record<string, Looked>>) =>
      stateOf(`DELETE ${NIGHTLY}`, { [NIGHTLY]: found(named('nightly')), ...more })
    const before = await with_({})
    expect(
      await with_({ '/apis/batch/v1/namespaces/shop/jobs': found({ items: [item('nightly-1', 'uid-nightly')] }) }),
    ).toBe(before)
    expect(
      await with_({ [`${SHOP}/persistentvolumeclaims`]: found({ items: [item('data', 'uid-nightly')] }) }),
    ).not.toBe(before)
  })
})

describe('a collection', () => {
  const PODS = `${SHOP}/pods`
  const uid = (index: number) => `${index.toString(16).padStart(8, '0')}-1234-4abc-8def-0123456789ab`
  const items = (many: number) =>
    Array.from({ length: many }, (_, index) => ({ metadata: { name: `p-${index}`, uid: uid(index) } }))
  const many = (count: number) =>
    planOf(`DELETE ${PODS}?labelSelector=app%3Dx`, { [PODS]: found({ items: items(count) }) })

  test('of 64 is bound to the uids, of more to how they begin', async () => {
    expect((await many(64)).bound.split(' ')).toEqual(items(64).map(each => each.metadata.uid))
    const { bound, plan } = await many(65)
    expect(bound.split(' ')).toEqual(items(65).map(each => each.metadata.uid.slice(0, 13)))
    expect(plan.refusal).toBeUndefined()
  })

  test('of the most that can be named fits into what the broker signs', async () => {
    expect((await many(256)).bound.length).toBeLessThanOrEqual(4096)
  })

  test('of more than can be named gets no yes, and says so first', async () => {
    const { plan } = await many(257)
    expect(plan.refusal).toMatch(/256 at most/)
    expect(plan.notes[0]).toBe(plan.refusal)
  })
})
