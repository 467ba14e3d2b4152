// How far a delete or a write reaches, as far as a plan can look, and what it says where it cannot.
import { describe, expect, test } from 'vitest'
import { found, named, planOf, refused } from './a-told-plan.ts'

describe('the plan of a delete in no namespace', () => {
  const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com'
  const crd = named('things.example.com', {
    spec: {
      group: 'example.com',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        { name: 'v1alpha1', served: false },
        { name: 'v1', served: true },
      ],
    },
  })

  test('of a kind counts the objects that go with it', async () => {
    const list = found({ metadata: { remainingItemCount: 41 }, items: [named('one')] })
    const { plan, asked } = await planOf(`DELETE ${CRD}`, { [CRD]: found(crd), '/apis/example.com/v1/things': list })
    expect(plan.summary).toMatch(/and every object of kind Thing/)
    expect(plan.counts).toContainEqual({ kind: 'Thing', count: 42 })
    expect(asked.some(path => path.includes('v1alpha1'))).toBe(false)
  })

  test('of a kind that may not be listed says that nobody counted', async () => {
    const { plan } = await planOf(`DELETE ${CRD}`, { [CRD]: found(crd), '/apis/example.com/v1/things': refused })
    expect(plan.notes.join('\n')).toMatch(/how many objects of kind Thing there are is not known/)
  })

  test.each([CRD, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'])(
    'says of %s that may not be looked at that all objects go',
    async path => {
      const { plan } = await planOf(`DELETE ${path}`, { [path]: refused })
      expect(plan.notes.join('\n')).toMatch(/every object of it, in all namespaces/)
    },
  )

  test('of a node names the pods on it', async () => {
    const pods = found({ items: [named('web-0'), named('db-0')] })
    const { plan, asked } = await planOf('DELETE /api/v1/nodes/n1', {
      '/api/v1/nodes/n1': found(named('n1')),
      '/api/v1/pods': pods,
    })
    expect(plan.affected.map(({ name }) => name)).toEqual(expect.arrayContaining(['web-0', 'db-0']))
    expect(plan.counts).toContainEqual({ kind: 'Pod', count: 2 })
    expect(asked).toContainEqual(expect.stringContaining('spec.nodeName%3Dn1'))
  })

  test('of a volume names its claim, and what becomes of the data', async () => {
    const volume = named('pv-1', {
      spec: { claimRef: { namespace: 'shop', name: 'data' }, persistentVolumeReclaimPolicy: 'Delete' },
    })
    const { plan } = await planOf('DELETE /api/v1/persistentvolumes/pv-1', {
      '/api/v1/persistentvolumes/pv-1': found(volume),
    })
    expect(plan.affected).toContainEqual(
      expect.objectContaining({ kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' }),
    )
    expect(plan.facts).toContainEqual({ name: 'reclaim policy', value: 'Delete' })
  })

  test.each([
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/view',
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/guard',
    '/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com',
    '/apis/storage.k8s.io/v1/storageclasses/fast',
  ])('says of %s that what belongs to it was not looked for', async path => {
    const { plan } = await planOf(`DELETE ${path}`, { [path]: found(named('one')) })
    expect(plan.notes.join('\n')).toMatch(/what belongs to it was not looked for/)
  })

  test.each([
    ['rbac.authorization.k8s.io', 'roles', true],
    ['iam.services.k8s.aws', 'roles', false],
    ['networking.k8s.io', 'networkpolicies', true],
    ['crd.projectcalico.org', 'networkpolicies', false],
  ])('says what follows by the group: of %s %s: %s', async (group, resource, isSaid) => {
    const path = `/apis/${group}/v1/namespaces/shop/${resource}/one`
    const { plan } = await planOf(`DELETE ${path}`, { [path]: found(named('one')) })
    expect(/gives nothing any more|is let in from then on/.test(plan.notes.join('\n'))).toBe(isSaid)
  })

  test.each(['constructor', 'toString', '__proto__'])(
    'of a kind that is called %s is made as of any other',
    async kind => {
      const path = `/apis/example.com/v1/${kind}/one`
      const { plan } = await planOf(`DELETE ${path}`, { [path]: found({ kind, ...named('one') }) })
      expect(plan.notes.join('\n')).toMatch(/what belongs to it was not looked for/)
      const written = await planOf(
        `PATCH ${path}`,
        { [path]: found(named('one', { spec: { replicas: 2 } })), '/apis/apiregistration.k8s.io': found({ spec: {} }) },
        {
          type: 'application/merge-patch+json',
          body: '{"spec":{"replicas":1}}',
          after: found(named('one', { spec: { replicas: 1 } })),
        },
      )
      expect(JSON.stringify(written.plan)).toContain('spec.replicas')
    },
  )
})

describe('the plan of a delete in a namespace', () => {
  const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'

  test('says that Secrets and kinds of others are not counted', async () => {
    const { plan } = await planOf(`DELETE ${WEB}`, { [WEB]: found(named('web')) })
    expect(plan.notes.join('\n')).toMatch(/Secrets and objects of other kinds .* not counted/)
  })

  test('with more pods than were read says so', async () => {
    const pods = found({ metadata: { remainingItemCount: 800 }, items: [named('p-1')] })
    for (const path of [WEB, '/api/v1/namespaces/shop']) {
      const { plan } = await planOf(`DELETE ${path}`, {
        [path]: found(named('web')),
        '/api/v1/namespaces/shop/pods': pods,
      })
      expect(plan.notes.join('\n')).toMatch(/of 801 pods the first 1 were looked at/)
    }
  })

  test('says so where disruption budgets may not be looked at', async () => {
    const { plan } = await planOf(`DELETE ${WEB}`, {
      [WEB]: found(named('web')),
      '/apis/policy/v1/namespaces/shop/poddisruptionbudgets': refused,
    })
    expect(plan.notes.join('\n')).toMatch(/PodDisruptionBudget/)
  })

  test.each([
    ['{"orphanDependents":true}', ''],
    ['{"propagationPolicy":"Orphan"}', ''],
    ['', '?orphanDependents=true'],
  ])('with %s%s leaves what it owns', async (body, query) => {
    const { plan } = await planOf(
      `DELETE ${WEB}${query}`,
      {
        [WEB]: found(named('web')),
        '/apis/apps/v1/namespaces/shop/replicasets': found({
          items: [{ metadata: { name: 'web-1', uid: 'r', ownerReferences: [{ uid: 'uid-web' }] } }],
        }),
      },
      body === '' ? {} : { body, type: 'application/json' },
    )
    expect(plan.counts).toEqual([{ kind: 'deployments', count: 1 }])
  })

  test('that finalizers hold up says so', async () => {
    const held = { metadata: { ...named('web').metadata, finalizers: ['example.com/wait'] } }
    const { plan } = await planOf(`DELETE ${WEB}`, { [WEB]: found(held) })
    expect(plan.notes.join('\n')).toMatch(/stays until .* finalizers/)
  })

  test('of an account names the pods that run as it', async () => {
    const path = '/api/v1/namespaces/shop/serviceaccounts/bot'
    const pod = named('p-1', { spec: { serviceAccountName: 'bot' } })
    const { plan } = await planOf(`DELETE ${path}`, {
      [path]: found(named('bot')),
      '/api/v1/namespaces/shop/pods': found({ items: [pod, named('p-2')] }),
    })
    expect(plan.notes.join('\n')).toMatch(/pods that run as it: 1/)
  })

  test.each([
    ['configmaps', { volumes: [{ configMap: { name: 'app' } }] }],
    ['configmaps', { containers: [{ envFrom: [{ configMapRef: { name: 'app' } }] }] }],
    ['secrets', { volumes: [{ secret: { secretName: 'app' } }] }],
    ['persistentvolumeclaims', { volumes: [{ persistentVolumeClaim: { claimName: 'app' } }] }],
  ])('of %s says who uses it: %j', async (resource, spec) => {
    const path = `/api/v1/namespaces/shop/${resource}/app`
    const { plan } = await planOf(`DELETE ${path}`, {
      [path]: found(named('app')),
      '/api/v1/namespaces/shop/pods': found({ items: [named('p-1', { spec }), named('p-2')] }),
    })
    expect(plan.notes.join('\n')).toMatch(/pods that use it: 1/)
  })
})

describe('the plan of a write', () => {
  const THING = '/apis/example.com/v1/namespaces/shop/things/one'
  const MERGE = 'application/merge-patch+json'
  const before = named('one', { spec: { '[in this order]': ['a'], list: [{ name: 'a' }, { name: 'b' }] } })

  const changed = async (after: object, was: object = before) => {
    const { plan } = await planOf(
      `PATCH ${THING}`,
      { [THING]: found(was), '/apis/apiregistration.k8s.io': found({ spec: {} }) },
      { body: '{"a":"b"}', type: MERGE, after: found(after) },
    )
    return plan
  }

  test('hides no field by what it is called', async () => {
    const { changes } = await changed({ ...before, spec: { ...before.spec, '[in this order]': ['evil'] } })
    expect(changes.map(({ path }) => path)).toContain('spec."[in this order]"')
    const texts = await changed(
      named('one', { spec: { a: 1, '[in this order]': 'evil' } }),
      named('one', { spec: { a: 1 } }),
    )
    expect(texts.changes).toHaveLength(1)
    const top = await changed({ ...before, 'metadata.uid': 'x', 'metadata.managedFields': ['y'] })
    expect(top.changes).toHaveLength(2)
  })

  test('shows a name with brackets as no item of a list', async () => {
    const { changes } = await changed({ ...before, spec: { ...before.spec, '[app].image': 'x' } })
    expect(changes.map(({ path }) => path)).toEqual(['spec."[app].image"'])
  })

  test('still tells another order', async () => {
    const list = [{ name: 'b' }, { name: 'a' }]
    const { changes } = await changed({ ...before, spec: { ...before.spec, list } })
    expect(changes.map(({ path }) => path)).toEqual(['spec.list[in this order]'])
  })

  const applied = (last: object) => ({ 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(last) })

  test('shows what the next apply is told was applied, where the object does not say the same', async () => {
    const was = { metadata: { name: 'one', uid: 'u', annotations: applied({ spec: { a: 1 } }) }, spec: { a: 1, b: 2 } }
    const honest = { ...was, metadata: { ...was.metadata, annotations: applied({ spec: { a: 1, b: 2 } }) } }
    expect((await changed(honest, was)).changes).toEqual([])
    const lying = { ...was, metadata: { ...was.metadata, annotations: applied({ spec: { a: 1, c: 3 } }) } }
    expect((await changed(lying, was)).changes.map(({ path }) => path)).toEqual([
      'metadata.annotations."kubectl.kubernetes.io/last-applied-configuration"',
    ])
    const broken = {
      ...was,
      metadata: {
        ...was.metadata,
        annotations: { ...applied({}), ...{ 'kubectl.kubernetes.io/last-applied-configuration': '{' } },
      },
    }
    expect((await changed(broken, was)).changes).toHaveLength(1)
  })

  test('that takes pods down says how many', async () => {
    const SCALE = '/apis/apps/v1/namespaces/shop/deployments/web/scale'
    const scaled = (replicas: number) => named('web', { spec: { replicas } })
    const { plan } = await planOf(
      `PATCH ${SCALE}`,
      { [SCALE]: found(scaled(5)), '/apis/apiregistration.k8s.io': found({ spec: {} }) },
      { body: '{"spec":{"replicas":0}}', type: MERGE, after: found(scaled(0)) },
    )
    expect(plan.notes.join('\n')).toMatch(/replicas go down by 5: none is left/)
  })

  test('that a hook cannot try is not said to be refused', async () => {
    const why = 'admission webhook "guard.example.com" does not support dry run'
    const { plan } = await planOf(
      `PATCH ${THING}`,
      { [THING]: found(before), '/apis/apiregistration.k8s.io': found({ spec: {} }) },
      { body: '{"a":"b"}', type: MERGE, after: { kind: 'refused', status: 400, why } },
    )
    expect(plan.summary).toBe('what it would change is not known')
    expect(plan.notes.join('\n')).toMatch(/guard\.example\.com/)
  })
})
