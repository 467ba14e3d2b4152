// What goes with a delete, and what a plan says of it: it has to be so.
import { describe, expect, test } from 'vitest'
import type { Looked } from '../../../src/approval/plan/look/cluster-view.ts'
import { found, named, planOf, refused } from './a-told-plan.ts'

const SHOP = '/api/v1/namespaces/shop'
const DB = '/apis/apps/v1/namespaces/shop/statefulsets/db'
const CLAIMS = `${SHOP}/persistentvolumeclaims`

/** Owned by these, by uid. */
function owned<More extends object>(name: string, owners: readonly string[], more: More = {} as More) {
  const { metadata, ...rest } = named(name, more)
  return { ...rest, metadata: { ...metadata, ownerReferences: owners.map(uid => ({ uid })) } }
}

const volume = (policy: string) => found(named('pv-1', { spec: { persistentVolumeReclaimPolicy: policy } }))
const pod = (name: string, owners: readonly string[], more: object = {}) =>
  owned(name, owners, { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data-db-0' } }], ...more } })

describe('claims that go with what is deleted', () => {
  const whenDeleted = (reclaim: string): Readonly<Record<string, Looked>> => ({
    [DB]: found(named('db')),
    [`${SHOP}/pods`]: found({ items: [pod('db-0', ['uid-db'])] }),
    [CLAIMS]: found({ items: [owned('data-db-0', ['uid-db'], { spec: { volumeName: 'pv-1' } })] }),
    '/api/v1/persistentvolumes/pv-1': volume(reclaim),
  })

  test('of a StatefulSet that has them deleted take their data with them, and are not said to stay', async () => {
    const { plan, says } = await planOf(`DELETE ${DB}`, whenDeleted('Delete'))
    expect(plan.notes[0]).toBe('the data of 1 volumes is deleted with it')
    expect(says).not.toMatch(/claims that these pods mount stay/)
    expect(plan.affected).toContainEqual(
      expect.objectContaining({ kind: 'PersistentVolume', detail: expect.stringContaining('its data goes') }),
    )
    expect((await planOf(`DELETE ${DB}`, whenDeleted('Retain'))).says).not.toMatch(/data of 1 volumes/)
  })

  test('of a StatefulSet that keeps them stay', async () => {
    const kept = {
      ...whenDeleted('Delete'),
      [CLAIMS]: found({ items: [named('data-db-0', { spec: { volumeName: 'pv-1' } })] }),
    }
    const { says } = await planOf(`DELETE ${DB}`, kept)
    expect(says).toMatch(/1 claims that these pods mount stay/)
    expect(says).not.toMatch(/data of/)
  })

  test('of a pod that has volumes of its own go with it, also when it is evicted', async () => {
    const POD = `${SHOP}/pods/web-0`
    const said = {
      [POD]: found(named('web-0')),
      [CLAIMS]: found({ items: [owned('web-0-scratch', ['uid-web-0'], { spec: { volumeName: 'pv-1' } })] }),
      '/api/v1/persistentvolumes/pv-1': volume('Delete'),
    }
    for (const line of [`DELETE ${POD}`, `POST ${POD}/eviction`])
      expect((await planOf(line, said)).says).toMatch(/the data of 1 volumes is deleted with it/)
  })

  test('of a collection take their data with them', async () => {
    const items = [named('a', { spec: { volumeName: 'pv-1' } }), named('b', { spec: { volumeName: 'pv-1' } })]
    const said = { [CLAIMS]: found({ items }), '/api/v1/persistentvolumes/pv-1': volume('Delete') }
    expect((await planOf(`DELETE ${CLAIMS}?labelSelector=app%3Dx`, said)).says).toMatch(/data of 2 volumes is deleted/)
  })

  test('of a namespace take their data with them', async () => {
    const said = {
      [SHOP]: found(named('shop')),
      [CLAIMS]: found({ items: [named('a', { spec: { volumeName: 'pv-1' } })] }),
      '/api/v1/persistentvolumes/pv-1': volume('Delete'),
    }
    const { plan } = await planOf(`DELETE ${SHOP}`, said)
    expect(plan.notes[0]).toBe('the data of 1 volumes is deleted with it')
  })

  test.each([
    [
      'a volume that may not be looked at',
      { '/api/v1/persistentvolumes/pv-1': refused },
      /data of 1 volumes is not known/,
    ],
    [
      'a namespace whose claims may not be listed',
      { [CLAIMS]: refused, [SHOP]: found(named('shop')) },
      /data of its claims is not known/,
    ],
  ])('%s leave open what becomes of the data, and the plan says so', async (_, more, want) => {
    const line = CLAIMS in more ? `DELETE ${SHOP}` : `DELETE ${DB}`
    expect((await planOf(line, { ...whenDeleted('Delete'), ...more })).says).toMatch(want)
  })
})

describe('a StatefulSet that is scaled down', () => {
  const sized = (replicas: number, whenScaled: string) =>
    named('db', { spec: { replicas, persistentVolumeClaimRetentionPolicy: { whenScaled } } })
  const scale = (replicas: number) => named('db', { spec: { replicas } })
  const says = async (target: string, said: Readonly<Record<string, Looked>>, after: object) =>
    (
      await planOf(
        `PATCH ${target}`,
        { '/apis/apiregistration.k8s.io': found({ spec: {} }), ...said },
        { body: '{"spec":{"replicas":0}}', type: 'application/merge-patch+json', after: found(after) },
      )
    ).says

  test('says that claims go with its pods where it has said so, by itself and by its scale', async () => {
    const gone = /the claims of these pods are deleted with them/
    for (const [policy, isGone] of [
      ['Delete', true],
      ['Retain', false],
    ] as const) {
      const whole = { [DB]: found(sized(3, policy)) }
      expect(gone.test(await says(DB, whole, sized(0, policy)))).toBe(isGone)
      expect(gone.test(await says(`${DB}/scale`, { ...whole, [`${DB}/scale`]: found(scale(3)) }, scale(0)))).toBe(
        isGone,
      )
    }
  })

  test('says that it is not known where nobody may look', async () => {
    const said = { [DB]: refused, [`${DB}/scale`]: found(scale(3)) }
    expect(await says(`${DB}/scale`, said, scale(0))).toMatch(/whether claims are deleted with these pods is not known/)
  })
})

test('what has another owner as well stays with that one, and what belongs to it too', async () => {
  const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'
  const shared = owned('shared', ['uid-web', 'uid-other'])
  const below = owned('below', ['uid-shared'])
  const { plan, says } = await planOf(`DELETE ${WEB}`, {
    [WEB]: found(named('web')),
    [`${SHOP}/configmaps`]: found({ items: [shared, below, owned('own', ['uid-web', 'uid-web'])] }),
  })
  expect(plan.counts).toContainEqual({ kind: 'ConfigMap', count: 1 })
  expect(says).toMatch(/1 objects that belong to it have another owner as well, and stay/)
})

test('what all of whose owners go goes, however long the way', async () => {
  const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'
  const items = [owned('top', ['uid-left', 'uid-right']), owned('left', ['uid-web']), owned('right', ['uid-left'])]
  const said = { [WEB]: found(named('web')), [`${SHOP}/configmaps`]: found({ items }) }
  expect((await planOf(`DELETE ${WEB}`, said)).plan.counts).toContainEqual({ kind: 'ConfigMap', count: 3 })
})

describe('an eviction', () => {
  const POD = `${SHOP}/pods/web-0`
  const labelled = (name: string) => ({ ...named(name), metadata: { ...named(name).metadata, labels: { app: 'web' } } })
  const budget = (name: string, disruptionsAllowed: number) =>
    named(name, { spec: { selector: { matchLabels: { app: 'web' } } }, status: { disruptionsAllowed } })
  const evicted = async (line: string, ...budgets: readonly object[]) =>
    (
      await planOf(line, {
        [POD]: found(labelled('web-0')),
        [`${SHOP}/pods?`]: found({ items: [labelled('web-0')] }),
        '/apis/policy/v1/namespaces/shop/poddisruptionbudgets': found({ items: budgets }),
      })
    ).says

  test('asks the disruption budget, which a delete does not', async () => {
    expect(await evicted(`POST ${POD}/eviction`, budget('web', 0))).toMatch(
      /allows 0 .* an eviction asks it, and is put off/,
    )
    expect(await evicted(`POST ${POD}/eviction`, budget('web', 1))).toMatch(/an eviction asks it$/m)
    expect(await evicted(`DELETE ${POD}`, budget('web', 0))).toMatch(/a delete does not ask it/)
  })

  test('is refused where several are for the pod', async () => {
    const several = [budget('a', 1), budget('b', 1)]
    expect(await evicted(`POST ${POD}/eviction`, ...several)).toMatch(/evicts no pod that several/)
  })

  test('says that a yes is for whichever pod has the name', async () => {
    expect(await evicted(`POST ${POD}/eviction`)).toMatch(/whichever pod has this name by then/)
  })
})
