import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

const MAPS = `/api/v1/namespaces/${SHOP}/configmaps`
/** An owner that is not there: the garbage collector deletes what it alone owns. */
const GONE = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '00000000-0000-4000-8000-000000000001' }]
const refused = /change no ownerReferences and take no finalizers away without the right to delete/

const map = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data: { a: 'b' },
})

describe('the garbage collector', () => {
  test.each([
    { kind: 'merge', body: { metadata: { ownerReferences: GONE } } },
    { kind: 'strategic', body: { metadata: { ownerReferences: GONE } } },
    { kind: 'json', body: [{ op: 'add', path: '/metadata/ownerReferences', value: GONE }] },
    { kind: 'apply', body: map('kept', { ownerReferences: GONE }) },
  ] as const)('gets nothing by a $kind patch of a lease that may not delete', async ({ kind, body }) => {
    await world.admin.post(MAPS, map('kept'))
    expect((await world.leased('write').patch(`${MAPS}/kept`, body, kind)).said).toMatch(refused)
    expect((await world.leased('write').put(`${MAPS}/kept`, map('kept', { ownerReferences: GONE }))).said).toMatch(
      refused,
    )
    expect((await world.leased('write').patch(`${MAPS}/kept`, { data: { a: 'c' } })).said).toBe('done')
  })

  test('deletes for a lease that may delete, which shows that it would have', async () => {
    await world.admin.post(MAPS, map('given'))
    expect((await world.leased('delete').patch(`${MAPS}/given`, { metadata: { ownerReferences: GONE } })).said).toBe(
      'done',
    )
    await until('it to be collected', async () => (await world.admin.get(`${MAPS}/given`)).status === 404, 60_000)
  })

  test('gets no namespace of a lease that may delete what is in it alone', async () => {
    const path = `/api/v1/namespaces/${SHOP}?dryRun=All`
    const owned = { metadata: { ownerReferences: GONE } }
    expect((await world.leased('delete-inside').patch(path, owned)).said).toMatch(refused)
    expect((await world.leased('delete').patch(path, owned)).said).toBe('done')
  })
})

describe('what waits for a finalizer', () => {
  test('is not let go, by whoever may not delete it', async () => {
    await world.admin.post(MAPS, map('held', { finalizers: ['example.com/a', 'example.com/b'] }))
    const left = (finalizers: readonly string[]) => ({ metadata: { finalizers } })
    const tried = async (template: string, finalizers: readonly string[]) =>
      (await world.leased(template).patch(`${MAPS}/held?dryRun=All`, left(finalizers))).said
    expect(await tried('write', ['example.com/a'])).toMatch(refused)
    expect(await tried('write', [])).toMatch(refused)
    expect(await tried('write', ['example.com/b', 'example.com/a', 'example.com/c'])).toBe('done')
    expect(await tried('delete', [])).toBe('done')
  })
})

describe('fields by which a controller deletes', () => {
  const labels = { a: 'b' }
  const pod = { containers: [{ name: 'c', image: 'x' }] }
  const template = { metadata: { labels }, spec: pod }
  const once = { metadata: { labels }, spec: { ...pod, restartPolicy: 'Never' } }
  const selector = { matchLabels: labels }
  const of = (apiVersion: string, kind: string, spec: object) => ({ apiVersion, kind, metadata: { name: 'x' }, spec })
  const inShop = (group: string, resource: string) => `/apis/${group}/v1/namespaces/${SHOP}/${resource}`

  beforeAll(async () => {
    const set = { selector, template, serviceName: 'x', replicas: 0 }
    await world.admin.post(inShop('apps', 'statefulsets'), of('apps/v1', 'StatefulSet', set))
    await world.admin.post(
      inShop('apps', 'deployments'),
      of('apps/v1', 'Deployment', { selector, template, replicas: 0 }),
    )
    await world.admin.post(inShop('batch', 'jobs'), of('batch/v1', 'Job', { template: once, suspend: true }))
    const timed = { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: once } } }
    await world.admin.post(inShop('batch', 'cronjobs'), of('batch/v1', 'CronJob', timed))
    const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], nfs: { server: 's', path: '/' } }
    await world.admin.post('/api/v1/persistentvolumes', of('v1', 'PersistentVolume', volume))
  })

  const claims = (when: string) => ({ persistentVolumeClaimRetentionPolicy: { [when]: 'Delete' } })

  test.each([
    {
      what: 'claims of a StatefulSet that is scaled down',
      at: inShop('apps', 'statefulsets'),
      spec: claims('whenScaled'),
    },
    {
      what: 'claims of a StatefulSet that is deleted',
      at: inShop('apps', 'statefulsets'),
      spec: claims('whenDeleted'),
    },
    { what: 'a Job at once', at: inShop('batch', 'jobs'), spec: { ttlSecondsAfterFinished: 0 } },
    { what: 'Jobs that went well', at: inShop('batch', 'cronjobs'), spec: { successfulJobsHistoryLimit: 0 } },
    { what: 'Jobs that failed', at: inShop('batch', 'cronjobs'), spec: { failedJobsHistoryLimit: 0 } },
    { what: 'what could be gone back to', at: inShop('apps', 'deployments'), spec: { revisionHistoryLimit: 0 } },
    { what: 'what a volume holds', at: '/api/v1/persistentvolumes', spec: { persistentVolumeReclaimPolicy: 'Delete' } },
  ])('are not set by a lease that may not delete: $what', async ({ at, spec }) => {
    const path = `${at}/x?dryRun=All`
    expect((await world.leased('write').patch(path, { spec })).said).toMatch(/without the right to delete/)
    expect((await world.leased('delete').patch(path, { spec })).said).toBe('done')
  })

  test.each([
    { what: 'a number of replicas', at: inShop('apps', 'statefulsets'), spec: { replicas: 0, minReadySeconds: 1 } },
    { what: 'more to go back to', at: inShop('apps', 'deployments'), spec: { revisionHistoryLimit: 20 } },
    {
      what: 'a rhythm',
      at: inShop('batch', 'cronjobs'),
      spec: { schedule: '0 1 1 1 *', successfulJobsHistoryLimit: 5 },
    },
  ])('are not what stands in the way of $what', async ({ at, spec }) => {
    expect((await world.leased('write').patch(`${at}/x`, { spec })).said).toBe('done')
  })

  test('a pod that runs is stopped by no deadline of a lease that may not delete it', async () => {
    const pods = `/api/v1/namespaces/${SHOP}/pods`
    const timed = { ...of('v1', 'Pod', { ...pod, automountServiceAccountToken: false }), metadata: { name: 'timed' } }
    expect((await world.admin.post(pods, timed)).said).toBe('done')
    const soon = { spec: { activeDeadlineSeconds: 1 } }
    const tried = async (template: string) =>
      (await world.leased(template).patch(`${pods}/timed?dryRun=All`, soon)).said
    expect(await tried('write')).toMatch(/let nothing end sooner by itself without the right to delete/)
    expect(await tried('delete')).toBe('done')
  })

  test('a new StatefulSet takes over claims that are there: it does not delete them either', async () => {
    const set = { selector, template, serviceName: 'x', ...claims('whenDeleted') }
    const path = `${inShop('apps', 'statefulsets')}?dryRun=All`
    const made = { ...of('apps/v1', 'StatefulSet', set), metadata: { name: 'new' } }
    expect((await world.leased('write').post(path, made)).said).toMatch(/let no StatefulSet delete its claims/)
    expect((await world.leased('delete').post(path, made)).said).toBe('done')
  })
})
