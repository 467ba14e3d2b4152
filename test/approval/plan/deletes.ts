import { describe, expect, test } from 'vitest'
import { SHOP } from './a-planned-cluster.ts'
import { DEPLOYMENT, PODS, shop } from './the-planned-cluster.ts'

describe('the plan of a delete', () => {
  test('names what goes with it, down to the pods and whether they are ready', async () => {
    const { plan } = await shop.plan(`DELETE ${DEPLOYMENT}`)
    expect(plan.counts).toEqual(
      expect.arrayContaining([
        { kind: 'deployments', count: 1 },
        { kind: 'ReplicaSet', count: 1 },
        { kind: 'Pod', count: 2 },
      ]),
    )
    expect(plan.affected.filter(({ kind, detail }) => kind === 'Pod' && detail === 'Running, ready')).toHaveLength(2)
    expect(plan.notes.join('\n')).toMatch(/PodDisruptionBudget web is for 2 of these pods and allows 0/)
  })

  test('that leaves orphans behind says that', async () => {
    const { plan } = await shop.plan(`DELETE ${DEPLOYMENT}?propagationPolicy=Orphan`)
    expect(plan.counts).toEqual([{ kind: 'deployments', count: 1 }])
    expect(plan.notes).toContain('what it owns stays, and belongs to nobody')
  })

  test('of a namespace tells what it holds by kind and number', async () => {
    const { plan } = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}`)
    const counts = new Map(plan.counts.map(({ kind, count }) => [kind, count]))
    expect(counts.get('Pod')).toBe(2)
    expect(counts.get('Deployment')).toBe(1)
    expect(counts.get('PodDisruptionBudget')).toBe(1)
    expect(plan.notes.join('\n')).toMatch(/Secrets .* are not counted/)
  })

  test('of a collection names each object, and the yes is for those', async () => {
    const { plan, bound } = await shop.plan(`DELETE ${PODS}?labelSelector=app%3Dweb`)
    expect(plan.counts).toContainEqual({ kind: 'pods', count: 2 })
    const uids = await shop.kubectl([
      'get',
      'pods',
      '-n',
      SHOP,
      '-l',
      'app=web',
      '-o',
      'jsonpath={.items[*].metadata.uid}',
    ])
    expect(bound.split(' ').toSorted()).toEqual(uids.split(' ').toSorted())
  })

  test.each(['Delete', 'Retain'])('of a claim says what becomes of its data: %s', async policy => {
    const name = policy.toLowerCase()
    await shop.apply(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `pv-${name}` },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: policy,
          storageClassName: name,
          hostPath: { path: `/tmp/${name}` },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: SHOP },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: name,
          volumeName: `pv-${name}`,
          resources: { requests: { storage: '1Gi' } },
        },
      },
    )
    const { plan } = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}/persistentvolumeclaims/${name}`)
    const volume = plan.affected.find(({ kind }) => kind === 'PersistentVolume')
    expect(volume?.detail).toMatch(policy === 'Delete' ? /its data goes/ : /its data stays/)
  })
})
