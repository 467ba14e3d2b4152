import { beforeAll, describe, expect, test } from 'vitest'
import { SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

beforeAll(async () => {
  for (const [kind, spec] of [
    ['own', { serviceAccountName: 'web' }],
    ['agent', { hostPID: true }],
    ['plain', {}],
  ] as const) {
    await world.admin.post(DEPLOYMENTS, deployment(kind, spec))
  }
})
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${SHOP}/deployments`

function deployment(name: string, spec: object, metadata: object = {}) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: SHOP },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels, ...metadata }, spec: { containers: [{ name: 'c', image: 'x:1' }], ...spec } },
    },
  }
}

const inTemplate = (spec: object) => ({ spec: { template: { spec } } })

describe('a workload that runs as an account of its own', () => {
  const path = `${DEPLOYMENTS}/own`
  const refused = /run as another service account/

  const code: readonly (readonly [string, object])[] = [
    ['an image', { containers: [{ name: 'c', image: 'evil/x' }] }],
    ['a command', { containers: [{ name: 'c', image: 'x:1', command: ['sh'] }] }],
    ['an environment', { containers: [{ name: 'c', image: 'x:1', env: [{ name: 'LD_PRELOAD', value: '/x' }] }] }],
    ['a probe', { containers: [{ name: 'c', image: 'x:1', livenessProbe: { exec: { command: ['id'] } } }] }],
    ['a container before', { initContainers: [{ name: 'i', image: 'evil/x' }] }],
    ['a volume', { volumes: [{ name: 'v', emptyDir: {} }] }],
  ]
  const kinds = ['merge', 'strategic'] as const

  test.each(code.flatMap(([what, spec]) => kinds.map(kind => ({ what, spec, kind }))))(
    'takes $what by no $kind patch',
    async ({ spec, kind }) => {
      const { said, status } = await world.leased('write').patch(path, inTemplate(spec), kind)
      expect({ said, status }).toEqual({ said: expect.stringMatching(refused), status: 403 })
      expect((await world.leased('as-web').patch(`${path}?dryRun=All`, inTemplate(spec), kind)).said).toBe('done')
    },
  )

  test('nor by a JSON patch, by server-side apply or by a PUT of the whole', async () => {
    const step = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil/x' }]
    const whole = deployment('own', { serviceAccountName: 'web', containers: [{ name: 'c', image: 'evil/x' }] })
    for (const name of ['write', 'as-web'] as const) {
      const person = world.leased(name)
      const want = name === 'write' ? refused : /^done$/
      expect((await person.patch(`${path}?dryRun=All`, step, 'json')).said).toMatch(want)
      expect((await person.patch(`${path}?dryRun=All`, whole, 'apply')).said).toMatch(want)
      expect((await person.put(`${path}?dryRun=All`, whole)).said).toMatch(want)
    }
  })

  test.each([
    {
      what: 'a restart',
      patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
    },
    { what: 'a label', patch: { metadata: { labels: { a: 'b' } } } },
    { what: 'a number of replicas', patch: { spec: { replicas: 0, minReadySeconds: 1 } } },
  ])('takes $what all the same', async ({ patch }) => {
    expect((await world.leased('write').patch(path, patch)).said).toBe('done')
  })

  test('is scaled, and written back whole as it was read', async () => {
    const person = world.leased('write')
    expect((await person.patch(`${path}/scale`, { spec: { replicas: 0 } })).said).toBe('done')
    // As client-go does it: read again when a controller was faster.
    const update = async (): Promise<string> => {
      const { body } = await person.get(path)
      const answer = await person.put(path, { ...body, metadata: { ...body.metadata, annotations: { note: 'x' } } })
      return answer.status === 409 ? update() : answer.said
    }
    expect(await update()).toBe('done')
    const { said } = await person.patch(path, deployment('own', { serviceAccountName: 'web' }), 'apply')
    expect(said).toBe('done')
  })

  test('goes to no account but those of the template', async () => {
    const to = (serviceAccountName: string | null) =>
      inTemplate({ serviceAccountName, serviceAccount: serviceAccountName })
    const tried = async (template: string, account: string | null) =>
      (await world.leased(template).patch(`${path}?dryRun=All`, to(account))).said
    expect(await tried('as-web', 'api')).toBe('done')
    expect(await tried('as-web', 'admin')).toMatch(refused)
    expect(await tried('write', 'api')).toMatch(refused)
    expect(await tried('write', null)).toBe('done')
    expect(await tried('as-anybody', 'admin')).toBe('done')
  })

  test('is steered by no label or annotation that brings code', async () => {
    const annotations = { 'sidecar.istio.io/proxyImage': 'evil/x' }
    const { said } = await world.leased('write').patch(path, { spec: { template: { metadata: { annotations } } } })
    expect(said).toMatch(refused)
    const labels = { app: 'own', 'sidecar.istio.io/inject': 'true' }
    const labelled = await world.leased('write').patch(path, { spec: { template: { metadata: { labels } } } })
    expect(labelled.said).toMatch(refused)
  })
})

describe('a workload that is on the host', () => {
  const path = `${DEPLOYMENTS}/agent`

  test('takes no code, and everything else', async () => {
    const image = inTemplate({ containers: [{ name: 'c', image: 'evil/x' }] })
    expect((await world.leased('write').patch(path, image, 'strategic')).said).toMatch(/share the host's namespaces/)
    expect((await world.leased('on-host').patch(`${path}?dryRun=All`, image, 'strategic')).said).toBe('done')
    expect((await world.leased('write').patch(path, { spec: { replicas: 0 } })).said).toBe('done')
  })

  test('may leave it', async () => {
    expect((await world.leased('write').patch(`${path}?dryRun=All`, inTemplate({ hostPID: false }))).said).toBe('done')
  })
})

describe('every kind that makes pods', () => {
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { serviceAccountName: 'web', containers: [{ name: 'c', image: 'x' }] },
  }
  const job = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
  const selector = { matchLabels: { a: 'b' } }
  const named = { metadata: { name: 'made' } }

  test.each([
    { path: 'api/v1', kind: 'Pod', more: { spec: template.spec } },
    { path: 'api/v1', kind: 'PodTemplate', more: { template } },
    { path: 'api/v1', kind: 'ReplicationController', more: { spec: { selector: { a: 'b' }, template } } },
    { path: 'apis/apps/v1', kind: 'Deployment', more: { spec: { selector, template } } },
    { path: 'apis/apps/v1', kind: 'ReplicaSet', more: { spec: { selector, template } } },
    { path: 'apis/apps/v1', kind: 'StatefulSet', more: { spec: { selector, template } } },
    { path: 'apis/apps/v1', kind: 'DaemonSet', more: { spec: { selector, template } } },
    { path: 'apis/batch/v1', kind: 'Job', more: { spec: { template: job } } },
    {
      path: 'apis/batch/v1',
      kind: 'CronJob',
      more: { spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: job } } } },
    },
  ])('$kind is refused as another account, and made as one of the template', async ({ path, kind, more }) => {
    const url = `/${path}/namespaces/${SHOP}/${kind.toLowerCase()}s?dryRun=All`
    const object = { apiVersion: path.replace(/^apis?\//, ''), kind, ...named, ...more }
    expect((await world.leased('write').post(url, object)).said).toMatch(/run as another service account/)
    expect((await world.leased('as-web').post(url, object)).said).toBe('done')
  })
})
