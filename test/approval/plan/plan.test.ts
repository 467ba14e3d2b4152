import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WEBSOCKET } from '../../request/a-http-request.ts'
import { until } from '../../support/until.ts'
import { aPlannedCluster, type PlannedCluster, SHOP, web } from './a-planned-cluster.ts'

let shop: PlannedCluster
beforeAll(async () => {
  shop = await aPlannedCluster()
  await shop.apply(
    web('web:1', [
      { name: 'MODE', value: 'fast' },
      { name: 'API_TOKEN', value: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz' },
    ]),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: SHOP },
      stringData: { user: 'app', password: 'hunter2-hunter2' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: SHOP }, data: { color: 'blue' } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: SHOP },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    },
  )
  await shop.kubectl(['rollout', 'status', 'deployment/web', '-n', SHOP, '--timeout=120s'])
})
afterAll(() => shop?.stop())

const DEPLOYMENT = `/apis/apps/v1/namespaces/${SHOP}/deployments/web`
const PODS = `/api/v1/namespaces/${SHOP}/pods`
const SECRET = `/api/v1/namespaces/${SHOP}/secrets/db`
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const aPod = async () =>
  (await shop.kubectl(['get', 'pods', '-n', SHOP, '-o', 'jsonpath={.items[0].metadata.name}'])) || ''
const patched = (containers: readonly object[]) => JSON.stringify({ spec: { template: { spec: { containers } } } })

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
    const from = performance.now()
    const { plan } = await shop.plan(`POST /api/v1/namespaces/${SHOP}/configmaps`, { body, type: 'application/json' })
    // Some room for a machine that does other things.
    expect(performance.now() - from).toBeLessThan(6000)
    expect(plan.changes.length).toBeGreaterThan(2000)
  })

  test('of something that would be out of sight has it in sight', async () => {
    const body = JSON.stringify({ data: { color: 'red\u202eder\u001b[2J' } })
    const { plan } = await shop.plan(`PATCH /api/v1/namespaces/${SHOP}/configmaps/app`, { body, type: MERGE })
    expect(plan.changes).toEqual([
      { path: 'data.color', kind: 'changed', before: 'blue', after: 'red\\u{202e}der\\u{1b}[2J' },
    ])
  })
})

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

describe('the plan of a session', () => {
  test('says which pod of whose, where, as whom, and what would run', async () => {
    const pod = await aPod()
    const { plan } = await shop.plan(
      `GET ${PODS}/${pod}/exec?command=sh&command=-c&command=echo%20%22hi%20there%22&stdin=true&tty=true`,
      {
        headers: WEBSOCKET,
      },
    )
    expect(plan.kind).toBe('session')
    expect(plan.facts).toEqual(
      expect.arrayContaining([
        { name: 'pod', value: `${pod} in ${SHOP}` },
        { name: 'owner', value: expect.stringMatching(/^ReplicaSet web-/) },
        { name: 'service account', value: 'default' },
        { name: 'container', value: 'web' },
        { name: 'image', value: 'web:1' },
        { name: 'command', value: `sh -c 'echo "hi there"'` },
        { name: 'tty', value: 'yes' },
        { name: 'recorded', value: 'no' },
      ]),
    )
    expect(plan.object?.uid).toMatch(/-/)
  })

  test('of a pod that is not there says so', async () => {
    const { plan } = await shop.plan(`GET ${PODS}/gone/exec?command=ls`, { headers: WEBSOCKET })
    expect(plan).toMatchObject({ object: null, notes: expect.arrayContaining(['no pod of this name is there']) })
  })
})

describe('the plan of a read of Secrets', () => {
  test('says type, age and who uses it, and never what is in it', async () => {
    const { plan } = await shop.plan(`GET ${SECRET}`)
    expect(plan.facts).toEqual(
      expect.arrayContaining([
        { name: 'type', value: 'Opaque' },
        { name: 'keys', value: '2' },
      ]),
    )
    expect(plan.affected.filter(({ kind, detail }) => kind === 'Pod' && detail?.startsWith('mounts it'))).toHaveLength(
      2,
    )
    expect(JSON.stringify(plan)).not.toMatch(/hunter2|aHVudGVy/)
  })
})

describe("the planner's account", () => {
  const actor = { agent: 'bot', template: 'write', lease: 'l1', sponsor: '' }

  test('reads no Secret, and writes nothing, itself', async () => {
    const may = async (verb: string, what: string, ...more: readonly string[]) => {
      const as = '--as=system:serviceaccount:leasegate:planner'
      const { stdout } = await shop.cluster.admin(['auth', 'can-i', verb, what, '-n', SHOP, as, ...more])
      return stdout.trim()
    }
    expect(await may('get', 'pods')).toBe('yes')
    expect(await may('get', 'secrets')).toBe('no')
    expect(await may('create', 'serviceaccounts', '--subresource=token')).toBe('no')
    for (const below of ['log', 'exec', 'attach', 'portforward', 'proxy'])
      expect(await may('get', 'pods', `--subresource=${below}`)).toBe('no')
    for (const verb of ['create', 'update', 'patch', 'delete']) expect(await may(verb, 'deployments')).toBe('no')
    expect((await shop.view.get(SECRET)).kind).toBe('refused')
  })

  test('does nothing in the name of an agent but try: what is no dry run is refused', async () => {
    const patch = { method: 'PATCH', contentType: MERGE, body: Buffer.from('{"data":{"color":"green"}}') }
    const target = `/api/v1/namespaces/${SHOP}/configmaps/app`
    expect((await shop.view.dryRunAs(actor, { ...patch, target: `${target}?dryRun=All` })).kind).toBe('found')
    expect(await shop.view.dryRunAs(actor, { ...patch, target })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('plans are made by dry runs alone'),
    })
    expect(await shop.kubectl(['get', 'configmap', 'app', '-n', SHOP, '-o', 'jsonpath={.data.color}'])).toBe('blue')
  })

  test('makes no token in the name of an agent, which a dry run would not hinder', async () => {
    const target = `/api/v1/namespaces/${SHOP}/serviceaccounts/default/token?dryRun=All`
    const body = Buffer.from('{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}')
    const asked = { method: 'POST', target, contentType: 'application/json', body }
    expect(await shop.view.dryRunAs(actor, asked)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('plans try nothing but what is stored'),
    })
  })

  test('opens no session, and acts as no agent under its own name', async () => {
    const pod = await aPod()
    const exec = await shop.view.getAs(actor, `${PODS}/${pod}/exec?command=ls&stdout=true`)
    expect(exec.kind).toBe('refused')
  })
})

describe('what a yes is bound to', () => {
  const CONFIG = `/api/v1/namespaces/${SHOP}/configmaps/app`
  const change = '{"data":{"color":"red"}}'

  test('is compared by the API server: another version, another object, and nothing at all are refused', async () => {
    const { bound } = await shop.plan(`PATCH ${CONFIG}`, { body: change, type: MERGE })
    const dry = (words: string) => shop.leased(`PATCH ${CONFIG}?dryRun=All`, words, change)
    expect((await dry(bound)).status).toBe(200)
    await shop.kubectl(['label', 'configmap', 'app', '-n', SHOP, 'moved=yes'])
    expect(await dry(bound)).toMatchObject({ status: 403, message: expect.stringContaining('as the approver saw it') })
    for (const odd of ['none', `${bound.split('@')[0]}x`, '']) expect((await dry(odd)).status).toBe(403)
  })

  test('does not hold for one of the same name that was made anew: a delete', async () => {
    await shop.kubectl(['create', 'configmap', 'twin', '-n', SHOP])
    const { bound } = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`)
    await shop.kubectl(['delete', 'configmap', 'twin', '-n', SHOP])
    await shop.kubectl(['create', 'configmap', 'twin', '-n', SHOP])
    const remove = (words: string) => shop.leased(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`, words)
    expect((await remove(bound)).status).toBe(403)
    const again = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`)
    expect((await remove(again.bound)).status).toBe(200)
  })

  test('leaves alone what came to a collection later', async () => {
    const make = (name: string) =>
      shop.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SHOP, labels: { many: 'some' } } })
    await make('one')
    const line = `DELETE /api/v1/namespaces/${SHOP}/configmaps?labelSelector=many%3Dsome`
    const { bound } = await shop.plan(line)
    await make('later')
    expect((await shop.leased(line, bound)).status).toBe(403)
    expect(await shop.kubectl(['get', 'configmaps', '-n', SHOP, '-l', 'many=some', '-o', 'name'])).toContain('later')
    const { bound: both } = await shop.plan(line)
    await until('both may go', async () => (await shop.leased(line, both)).status === 200)
  })

  test('says of what is not there that it must not be there: an apply', async () => {
    const path = `/api/v1/namespaces/${SHOP}/configmaps/applied`
    const line = `PATCH ${path}?fieldManager=bot`
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied' },
      data: { a: '1' },
    })
    const type = 'application/apply-patch+yaml'
    const { bound } = await shop.plan(line, { body, type })
    expect(bound).toBe('none')
    await shop.kubectl(['create', 'configmap', 'applied', '-n', SHOP])
    expect((await shop.leased(line, bound, body, type)).status).toBe(403)
    await shop.kubectl(['delete', 'configmap', 'applied', '-n', SHOP])
    expect((await shop.leased(line, bound, body, type)).status).toBe(201)
  })
})
