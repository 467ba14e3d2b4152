import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type PATCHES, SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

const DEPLOYMENTS = `/apis/apps/v1/namespaces/${SHOP}/deployments`
const path = `${DEPLOYMENTS}/limited`
const labels = { app: 'limited' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'limited', namespace: SHOP, labels },
  spec: {
    replicas: 0,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        initContainers: [
          { name: 'i', image: 'x:1' },
          { name: 'j', image: 'x:1' },
        ],
        containers: [
          { name: 'c', image: 'x:1' },
          { name: 'd', image: 'x:1' },
        ],
      },
    },
  },
}
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SHOP } })

const DAEMON_SETS = `/apis/apps/v1/namespaces/${SHOP}/daemonsets`
const daemonSet = {
  ...deployment,
  kind: 'DaemonSet',
  spec: { selector: deployment.spec.selector, template: deployment.spec.template },
}

beforeAll(async () => {
  await world.admin.post(DEPLOYMENTS, deployment)
  await world.admin.post(DAEMON_SETS, daemonSet)
  for (const name of ['limited', 'free'])
    await world.admin.post(`/api/v1/namespaces/${SHOP}/configmaps`, configMap(name))
  const paused = { what: '', body: { spec: { paused: true } } }
  await until('the policy to be in force', async () => (await tried(paused)).status === 403, 60_000)
})

const inPod = (spec: object) => ({ spec: { template: { spec } } })
const good = { name: 'c', image: 'registry.corp/web:2' }
const step = (at: string, value: unknown) => [{ op: 'add', path: at, value }]
const IMAGE = '/spec/template/spec/containers/1/image'
const restart = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } }

interface Tried {
  readonly what: string
  readonly body: object
  readonly kind?: keyof typeof PATCHES
  readonly at?: string
}

async function tried({ body, kind = 'strategic', at = path }: Tried) {
  const { said, status } = await world.leased('limited').patch(`${at}?dryRun=All`, body, kind)
  return { said, status }
}

const REFUSED = {
  said: expect.stringMatching(/change nothing but the fields that the rule of the task template names/),
  status: 403,
}

describe('a rule with fields, on what results', () => {
  test.each<Tried>([
    { what: 'a number within', body: { spec: { replicas: 2 } } },
    { what: 'a restart', body: { spec: { template: restart } } },
    { what: 'a restart of a DaemonSet', body: { spec: { template: restart } }, at: `${DAEMON_SETS}/limited` },
    { what: 'an image by name', body: inPod({ containers: [good] }) },
    {
      what: 'an image as kubectl sets it',
      body: inPod({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'd' }], containers: [good] }),
    },
    { what: 'an image by place', body: step(IMAGE, 'registry.corp/x'), kind: 'json' },
    {
      what: 'what is below a field of a container',
      body: inPod({ containers: [{ name: 'd', resources: { limits: { cpu: '1' } } }] }),
    },
    { what: 'several of them', body: { spec: { replicas: 1, ...inPod({ containers: [good] }).spec } } },
    { what: 'an annotation of that value', body: { metadata: { annotations: { 'example.org/note': 'checked' } } } },
    { what: 'a scale within', body: { spec: { replicas: 1 } }, kind: 'merge', at: `${path}/scale` },
    { what: 'data', body: { data: { a: 'b' } }, at: `/api/v1/namespaces/${SHOP}/configmaps/limited` },
    {
      what: 'anything of what a rule without fields is for',
      body: { metadata: { labels: { a: 'b' } } },
      at: `/api/v1/namespaces/${SHOP}/configmaps/free`,
    },
  ])('lets through $what', async each => {
    expect(await tried(each)).toEqual({ said: 'done', status: 200 })
  })

  test.each<Tried>([
    { what: 'another image of a DaemonSet', body: inPod({ containers: [good] }), at: `${DAEMON_SETS}/limited` },
    { what: 'a note of a DaemonSet', body: { metadata: { annotations: { a: 'b' } } }, at: `${DAEMON_SETS}/limited` },
    { what: 'a number beyond', body: { spec: { replicas: 3 } } },
    { what: 'a number that the API server puts there', body: { spec: { replicas: null, paused: true } } },
    { what: 'another field', body: { spec: { paused: true } } },
    { what: 'another field beside', body: { spec: { replicas: 1, minReadySeconds: 3 } } },
    { what: 'a label', body: { metadata: { labels: { a: 'b' } } } },
    { what: 'an annotation of another value', body: { metadata: { annotations: { 'example.org/note': 'no' } } } },
    { what: 'another annotation', body: { metadata: { annotations: { 'example.org/other': 'checked' } } } },
    { what: 'a finalizer', body: { metadata: { finalizers: ['example.org/x'] } } },
    { what: 'another annotation of pods', body: { spec: { template: { metadata: { annotations: { a: 'b' } } } } } },
    { what: 'an image of another registry', body: inPod({ containers: [{ name: 'c', image: 'evil.example/x' }] }) },
    { what: 'an image by place', body: step(IMAGE, 'evil.example/x'), kind: 'json' },
    { what: 'a command', body: inPod({ containers: [{ ...good, command: ['sh'] }] }) },
    { what: 'variables', body: inPod({ containers: [{ ...good, env: [{ name: 'A', value: 'b' }] }] }) },
    { what: 'a security context', body: inPod({ containers: [{ ...good, securityContext: { runAsUser: 0 } }] }) },
    { what: 'one more container, of an image that may be', body: inPod({ containers: [{ ...good, name: 'new' }] }) },
    { what: 'a container less', body: inPod({ containers: [{ name: 'd', $patch: 'delete' }] }) },
    {
      what: 'containers in another order',
      body: inPod({ '$setElementOrder/containers': [{ name: 'd' }, { name: 'c' }], containers: [good] }),
    },
    {
      what: 'other containers in another order',
      body: inPod({ '$setElementOrder/initContainers': [{ name: 'j' }, { name: 'i' }], containers: [good] }),
    },
    { what: 'an image of a container before', body: inPod({ initContainers: [{ name: 'i', image: good.image }] }) },
    { what: 'a list that is replaced', body: inPod({ containers: [good] }), kind: 'merge' },
    { what: 'a copy', body: [{ op: 'copy', from: '/metadata/name', path: IMAGE }], kind: 'json' },
    { what: 'a volume', body: inPod({ volumes: [{ name: 'v', emptyDir: {} }] }) },
    { what: 'a scale beyond', body: { spec: { replicas: 2 } }, kind: 'merge', at: `${path}/scale` },
    {
      what: 'another field of another kind',
      body: { metadata: { annotations: { a: 'b' } } },
      at: `/api/v1/namespaces/${SHOP}/configmaps/limited`,
    },
  ])('refuses $what', async each => {
    expect(await tried(each)).toEqual(REFUSED)
  })

  test.each([
    { maxUnavailable: 3, want: { said: 'done', status: 200 } },
    { maxUnavailable: '25%', want: { said: 'done', status: 200 } },
    { maxUnavailable: 4, want: REFUSED },
    { maxUnavailable: '26%', want: REFUSED },
  ])(
    'is enough by itself, whatever other rules make of the value: $maxUnavailable',
    async ({ maxUnavailable, want }) => {
      const body = { spec: { strategy: { rollingUpdate: { maxUnavailable } } } }
      const { said, status } = await world.leased('several-rules').patch(`${path}?dryRun=All`, body)
      expect({ said, status }).toEqual(want)
    },
  )

  test('costs no more than the API server allows, with fifty fields and an object of hundreds of members', async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`example.org/other-${at}`, 'x'.repeat(200)]),
    )
    const name = 'large'
    const large = { ...deployment, metadata: { ...deployment.metadata, name, annotations } }
    await world.admin.post(DEPLOYMENTS, large)
    const as = (body: object) => world.leased('many-fields').patch(`${DEPLOYMENTS}/${name}?dryRun=All`, body)
    expect((await as({ spec: { replicas: 2 }, metadata: { annotations: { 'example.org/note-39': 'x' } } })).said).toBe(
      'done',
    )
    expect((await as({ metadata: { annotations: { 'example.org/other-7': 'y' } } })).said).toMatch(REFUSED.said.sample)
  })

  test('lets kubectl set an image, restart and scale, as far as it goes', async () => {
    const kubectl = (...args: readonly string[]) => world.leasedKubectl('limited', [...args, '-n', SHOP])
    expect(await kubectl('set', 'image', 'deployment/limited', 'c=registry.corp/web:3')).toBe('done')
    expect(await kubectl('rollout', 'restart', 'deployment/limited')).toBe('done')
    expect(await kubectl('scale', 'deployment/limited', '--replicas=1')).toBe('done')
    expect(await kubectl('set', 'image', 'deployment/limited', 'c=evil.example/x')).toMatch(REFUSED.said.sample)
    expect(await kubectl('scale', 'deployment/limited', '--replicas=2')).toMatch(REFUSED.said.sample)
    expect(await kubectl('set', 'env', 'deployment/limited', 'A=b')).toMatch(REFUSED.said.sample)
  })
})

describe('images of a template, on what results', () => {
  const refused = { said: expect.stringMatching(/not among the images of the task template/), status: 403 }
  const as = async (body: object, kind: keyof typeof PATCHES = 'strategic') => {
    const { said, status } = await world.leased('from-corp').patch(`${path}?dryRun=All`, body, kind)
    return { said, status }
  }

  test.each<Tried>([
    { what: 'an image of them', body: inPod({ containers: [good] }) },
    { what: 'what keeps its image', body: inPod({ containers: [{ name: 'd', command: ['sh'] }] }) },
    { what: 'a restart', body: { spec: { template: restart } } },
  ])('lets through $what', async ({ body }) => {
    expect(await as(body)).toEqual({ said: 'done', status: 200 })
  })

  test.each<Tried>([
    { what: 'another image', body: inPod({ containers: [{ name: 'c', image: 'evil.example/x' }] }) },
    {
      what: 'another image, copied from elsewhere',
      body: [{ op: 'copy', from: '/metadata/name', path: IMAGE }],
      kind: 'json',
    },
    { what: 'an image of a container before', body: inPod({ initContainers: [{ name: 'i', image: 'x:2' }] }) },
    { what: 'an image as a volume', body: inPod({ volumes: [{ name: 'v', image: { reference: 'evil.example/x' } }] }) },
  ])('refuses $what', async ({ body, kind }) => {
    expect(await as(body, kind)).toEqual(refused)
  })

  test('holds for pods and for containers that are put beside those of one', async () => {
    const pods = `/api/v1/namespaces/${SHOP}/pods`
    const pod = (image: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image }] },
    })
    const made = async (image: string) => (await world.leased('from-corp').post(`${pods}?dryRun=All`, pod(image))).said
    expect(await made('registry.corp/x')).toBe('done')
    expect(await made('evil.example/x')).toMatch(refused.said.sample)
    await world.admin.post(pods, pod('evil.example/x'))
    const beside = (image: string) => ({ spec: { ephemeralContainers: [{ name: 'e', image }] } })
    const debug = async (image: string) =>
      (await world.leased('from-corp').patch(`${pods}/p/ephemeralcontainers?dryRun=All`, beside(image), 'strategic'))
        .said
    expect(await debug('registry.corp/x')).toBe('done')
    expect(await debug('evil.example/x')).toMatch(refused.said.sample)
  })
})
