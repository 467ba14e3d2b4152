import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { until } from '../../support/until.ts'
import { SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

const labels = { app: 'web' }
const workload = (kind: string, image: string, spec: object = {}, pod: object = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: SHOP },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { serviceAccountName: 'web', containers: [{ name: 'c', image }], ...pod } },
    ...spec,
  },
})

const inShop = (...args: readonly string[]) => [...args, '-n', SHOP]

describe.each(['deployment', 'statefulset'])('kubectl, with a %s that runs as an account of the template', resource => {
  const kind = resource === 'deployment' ? 'Deployment' : 'StatefulSet'
  const kubectl = (...args: readonly string[]) => world.leasedKubectl('as-web', inShop(...args))
  const apply = (image: string, ...how: readonly string[]) =>
    world.leasedKubectl('as-web', inShop('apply', ...how, '-f', '-'), stringify(workload(kind, image)))

  test('applies it and again, also on the server', async () => {
    expect(await apply('x:1')).toBe('done')
    expect(await apply('x:2')).toBe('done')
    expect(await apply('x:3', '--server-side', '--force-conflicts')).toBe('done')
  })

  test('sets an image, restarts, scales, goes back', async () => {
    const revisions = async () =>
      (await world.kubectl(inShop('rollout', 'history', `${resource}/web`))).match(/^\d+ /gm)?.length ?? 0
    // A controller that sees both at once makes one of them.
    await until('what was applied to be a revision', async () => (await revisions()) > 0)
    const before = await revisions()
    expect(await kubectl('set', 'image', `${resource}/web`, 'c=x:4')).toBe('done')
    await until('something to go back to', async () => (await revisions()) > before)
    expect(await kubectl('rollout', 'restart', `${resource}/web`)).toBe('done')
    expect(await kubectl('scale', `${resource}/web`, '--replicas=2')).toBe('done')
    expect(await kubectl('rollout', 'undo', `${resource}/web`)).toBe('done')
  })

  test('restarts and scales it also under a template that does not name the account, and no more', async () => {
    const other = (...args: readonly string[]) => world.leasedKubectl('write', inShop(...args))
    expect(await other('rollout', 'restart', `${resource}/web`)).toBe('done')
    expect(await other('scale', `${resource}/web`, '--replicas=1')).toBe('done')
    expect(await other('label', `${resource}/web`, 'a=b')).toBe('done')
    expect(await other('set', 'image', `${resource}/web`, 'c=evil/x')).toMatch(/run as another service account/)
    expect(await other('rollout', 'undo', `${resource}/web`, '--to-revision=1')).toMatch(
      /run as another service account/,
    )
  })
})

describe('a revision of a controller', () => {
  const revisions = `/apis/apps/v1/namespaces/${SHOP}/controllerrevisions`

  test('is written by no lease, though a set would make pods of it', async () => {
    const set = {
      ...workload('StatefulSet', 'x:1', { serviceName: 'x' }, { serviceAccountName: 'default' }),
      metadata: { name: 'plain' },
    }
    const person = world.leased('delete')
    expect((await person.post(`/apis/apps/v1/namespaces/${SHOP}/statefulsets`, set)).said).toBe('done')
    const current = async () =>
      (await person.get(`/apis/apps/v1/namespaces/${SHOP}/statefulsets/plain`)).body.status?.currentRevision ?? ''
    await until('its revision', async () => (await current()) !== '')
    const { body } = await person.get(`${revisions}/${await current()}`)
    const { resourceVersion: _, uid: __, ...metadata } = body.metadata
    const spec = { hostPID: true, serviceAccountName: 'web', containers: [{ name: 'c', image: 'evil/x' }] }
    const forged = { ...body, metadata, data: { spec: { template: { ...body.data.spec.template, spec } } } }
    const refused = /write no revisions of controllers/
    expect((await person.patch(`${revisions}/${body.metadata.name}`, { revision: 7 })).said).toMatch(refused)
    expect((await person.put(`${revisions}/${body.metadata.name}`, { ...body, revision: 7 })).said).toMatch(refused)
    expect((await person.post(revisions, { ...forged, metadata: { ...metadata, name: 'forged' } })).said).toMatch(
      refused,
    )
  })
})

describe('a kind of somebody else', () => {
  const path = `/apis/example.com/v1/namespaces/${SHOP}/rollouts`
  const rollout = (spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Rollout', metadata: { name: 'x' }, spec })
  const inTemplate = (spec: object) =>
    rollout({ template: { spec: { containers: [{ name: 'c', image: 'x' }], ...spec } } })

  beforeAll(async () => {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    await world.admin.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'rollouts.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Rollout', plural: 'rollouts', singular: 'rollout' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: anything } }],
      },
    })
    await until('the kind to be served', async () => (await world.admin.get(path)).status === 200, 30_000)
  })

  test.each([
    { what: 'a template of pods on the host', object: inTemplate({ hostPID: true }), says: /share the host/ },
    {
      what: 'a template of pods of another account',
      object: inTemplate({ serviceAccountName: 'web' }),
      says: /another service account/,
    },
    {
      what: 'the name of an account alone',
      object: rollout({ serviceAccountName: 'web', steps: 3 }),
      says: /another service account/,
    },
    { what: 'containers that cannot be read', object: rollout({ containers: 3 }), says: /resulted in error/ },
    { what: 'pods of a Job', object: rollout({ jobTemplate: inTemplate({ hostIPC: true }) }), says: /share the host/ },
  ])('is not made with $what', async ({ object, says }) => {
    expect((await world.leased('write').post(`${path}?dryRun=All`, object)).said).toMatch(says)
  })

  test.each([
    { what: 'a template of plain pods', object: inTemplate({}) },
    { what: 'a template that is no object', object: rollout({ template: 'text' }) },
    { what: 'no spec that has fields', object: { ...rollout({}), spec: 'text' } },
    { what: 'nothing of pods', object: rollout({ replicas: 3, finalizers: 'text' }) },
  ])('is made with $what', async ({ object }) => {
    expect((await world.leased('write').post(`${path}?dryRun=All`, object)).said).toBe('done')
  })
})
