import { beforeAll, describe, expect, test } from 'vitest'
import { SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

const DEPLOYMENTS = `/apis/apps/v1/namespaces/${SHOP}/deployments`
const refused = /change nothing of what runs in pods that have Secrets/

const keyRef = (name: string) => [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name, key: 'password' } } }]
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
const container = (more: object = {}) => ({ name: 'c', image: 'x:1', ...more })

/** By name of a workload, the pods that it has: each has a Secret in another way. */
const HOLDING = {
  'by-env-from': { containers: [container({ envFrom: [{ secretRef: { name: 'db' } }] })] },
  'by-env': { containers: [container({ env: keyRef('db') })] },
  'by-init': { containers: [container()], initContainers: [{ name: 'i', image: 'x:1', env: keyRef('db') }] },
  'by-volume': { containers: [container()], ...volume({ secret: { secretName: 'db' } }) },
  'by-projection': { containers: [container()], ...volume({ projected: { sources: [{ secret: { name: 'db' } }] } }) },
  'by-pull': { containers: [container()], imagePullSecrets: [{ name: 'registry' }] },
} as const
/** What only any Secret covers: it has no name, or none that says what is in it. */
const NAMELESS = {
  'by-vault': { containers: [container({ env: [{ name: 'P', value: 'vault:secret/data/db#password' }] })] },
} as const

function deployment(name: string, spec: object, metadata: object = {}) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: SHOP },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels, ...metadata }, spec },
    },
  }
}

const inTemplate = (spec: object) => ({ spec: { template: { spec } } })
const named = (more: object) => inTemplate({ containers: [{ name: 'c', ...more }] })

beforeAll(async () => {
  const made = [
    ...Object.entries({ ...HOLDING, ...NAMELESS }).map(([name, spec]) => deployment(name, spec)),
    deployment('by-nothing', { containers: [container({ env: [{ name: 'A', value: 'b' }] })] }),
    deployment(
      'by-injector',
      { containers: [container()] },
      { annotations: { 'vault.hashicorp.com/agent-inject': 'true' } },
    ),
  ]
  for (const each of made) expect((await world.admin.post(DEPLOYMENTS, each)).said).toBe('done')
})

describe('a workload that has a Secret already', () => {
  const holders = [...Object.keys(HOLDING), ...Object.keys(NAMELESS), 'by-injector']

  test.each(holders)('is given no other code by who may make workloads, but no Secrets: %s', async name => {
    const path = `${DEPLOYMENTS}/${name}`
    const person = world.leased('write')
    const command = ['sh', '-c', 'env; sleep 9']
    const { status, said } = await person.patch(path, named({ command }), 'strategic')
    expect({ status, said }).toEqual({ status: 403, said: expect.stringMatching(refused) })
    // A merge patch replaces the whole list: what Secrets are left is what counts.
    const step = [{ op: 'add', path: '/spec/template/spec/containers/0/command', value: command }]
    expect((await person.patch(path, step, 'json')).said).toMatch(refused)
  })

  const code: readonly (readonly [string, object])[] = [
    ['an image', named({ image: 'evil/x' })],
    ['arguments', named({ args: ['-c', 'env'] })],
    ['a variable', named({ env: [{ name: 'LD_PRELOAD', value: '/x' }] })],
    ['a probe', named({ livenessProbe: { exec: { command: ['env'] } } })],
    ['a hook', named({ lifecycle: { postStart: { exec: { command: ['env'] } } } })],
    ['a mount', named({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    ['where a message is read', named({ terminationMessagePath: '/proc/self/environ' })],
    ['a container before', inTemplate({ initContainers: [{ name: 'n', image: 'evil/x' }] })],
    ['processes that see each other', inTemplate({ shareProcessNamespace: true })],
    [
      'a container beside, by an annotation',
      { spec: { template: { metadata: { annotations: { 'sidecar.istio.io/proxyImage': 'evil/x' } } } } },
    ],
  ]
  test.each(code)('takes no %s', async (_, patch) => {
    const path = `${DEPLOYMENTS}/by-volume`
    expect((await world.leased('write').patch(path, patch, 'strategic')).said).toMatch(refused)
    expect((await world.leased('with-secrets').patch(`${path}?dryRun=All`, patch, 'strategic')).said).toBe('done')
  })

  test('takes none by server-side apply or by a PUT of the whole either', async () => {
    const path = `${DEPLOYMENTS}/by-env-from?dryRun=All`
    const other = (image: string) => ({ containers: [{ ...HOLDING['by-env-from'].containers[0], image }] })
    for (const [name, want] of [
      ['write', refused],
      ['with-secrets', /^done$/],
    ] as const) {
      const person = world.leased(name)
      expect((await person.put(path, deployment('by-env-from', other('evil/x')))).said).toMatch(want)
      const applied = deployment('by-env-from', { containers: [container({ image: 'evil/x' })] })
      expect((await person.patch(path, applied, 'apply')).said).toMatch(want)
    }
  })

  test.each([
    {
      what: 'a restart',
      patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
    },
    { what: 'a label', patch: { metadata: { labels: { a: 'b' } } } },
    { what: 'a number of replicas', patch: { spec: { replicas: 0, minReadySeconds: 1 } } },
    { what: 'more memory', patch: named({ resources: { requests: { memory: '64Mi' } } }) },
    { what: 'other nodes', patch: inTemplate({ nodeSelector: { a: 'b' } }) },
  ])('takes $what all the same', async ({ patch }) => {
    expect((await world.leased('write').patch(`${DEPLOYMENTS}/by-env`, patch, 'strategic')).said).toBe('done')
  })

  test('may lose the Secret together with the code that had it', async () => {
    const without = inTemplate({ containers: [{ name: 'c', image: 'x:2' }] })
    expect((await world.leased('write').patch(`${DEPLOYMENTS}/by-env?dryRun=All`, without)).said).toBe('done')
  })

  test('takes code where the Secret is named, where any may be spread, and where a human agreed to this request', async () => {
    const image = named({ image: 'x:2' })
    const tried = async (name: string, template: string, said?: string | null) =>
      (await world.leased(template, null, said).patch(`${DEPLOYMENTS}/${name}?dryRun=All`, image, 'strategic')).said
    for (const name of Object.keys(HOLDING)) expect(await tried(name, 'with-secrets')).toBe('done')
    for (const name of [...Object.keys(NAMELESS), 'by-injector']) {
      expect(await tried(name, 'with-secrets')).toMatch(refused)
      expect(await tried(name, 'spreads-secrets')).toBe('done')
      expect(await tried(name, 'write', 'approved')).toBe('done')
    }
    expect(await tried('by-env', 'write', 'secret:db2 secret:registry')).toMatch(refused)
    expect(await tried('by-env', 'with-secrets', null)).toMatch(refused)
  })

  test('is not what others are: without a Secret code changes as before', async () => {
    const image = named({ image: 'x:2' })
    expect((await world.leased('write').patch(`${DEPLOYMENTS}/by-nothing`, image, 'strategic')).said).toBe('done')
  })
})

describe('every other kind that has pods with a Secret', () => {
  const spec = { restartPolicy: 'Never', containers: [container({ env: keyRef('db') })] }
  const metadata = { name: 'holding', namespace: SHOP }

  test('a CronJob, a pod', async () => {
    const batch = `/apis/batch/v1/namespaces/${SHOP}`
    const pods = `/api/v1/namespaces/${SHOP}/pods`
    const job = { template: { spec } }
    const cron = { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: job } }
    const apiVersion = 'batch/v1'
    const made = [
      await world.admin.post(`${batch}/cronjobs`, { apiVersion, kind: 'CronJob', metadata, spec: cron }),
      await world.admin.post(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec }),
    ]
    expect(made.map(({ said }) => said)).toEqual(['done', 'done'])
    const image = { containers: [{ name: 'c', image: 'evil/x' }] }
    const tried = [
      [`${batch}/cronjobs/holding`, { spec: { jobTemplate: { spec: { template: { spec: image } } } } }],
      [`${pods}/holding`, { spec: image }],
    ] as const
    for (const [path, patch] of tried) {
      expect((await world.leased('write').patch(path, patch, 'strategic')).said).toMatch(refused)
      expect((await world.leased('with-secrets').patch(`${path}?dryRun=All`, patch, 'strategic')).said).toBe('done')
    }
    const label = { metadata: { labels: { a: 'b' } } }
    expect((await world.leased('write').patch(`${pods}/holding`, label)).said).toBe('done')
  })

  test('a pod takes no container for a look into it', async () => {
    const path = `/api/v1/namespaces/${SHOP}/pods/holding/ephemeralcontainers`
    const ephemeralContainers = [{ name: 'look', image: 'x', targetContainerName: 'c' }]
    const patch = { spec: { ephemeralContainers } }
    expect((await world.leased('write').patch(path, patch, 'strategic')).said).toMatch(refused)
    expect((await world.leased('write', null, 'approved').patch(`${path}?dryRun=All`, patch, 'strategic')).said).toBe(
      'done',
    )
  })
})

describe('what a template says later', () => {
  const path = `/apis/apps/v1/namespaces/${SHOP}/deployments/later`
  const pods = `/api/v1/namespaces/${SHOP}/pods?dryRun=All`
  const hostPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { hostPID: true, containers: [{ name: 'c', image: 'x' }] },
  }

  beforeAll(async () => {
    const spec = { serviceAccountName: 'web', containers: [container()] }
    expect((await world.admin.post(DEPLOYMENTS, deployment('later', spec))).said).toBe('done')
  })

  test('opens nothing under a lease that was issued without it', async () => {
    const image = named({ image: 'x:2' })
    const account = async (template: string, said: string | null) =>
      (await world.leased(template, null, said).patch(`${path}?dryRun=All`, image, 'strategic')).said
    const other = /run as another service account/
    expect(await account('as-web', 'account:web account:api')).toBe('done')
    expect(await account('as-web', null)).toMatch(other)
    expect(await account('as-web', 'account:api')).toMatch(other)
    expect(await account('as-web', 'danger:pod-host')).toMatch(other)
    // And what it does not say today is not opened by what the lease was issued with.
    expect(await account('write', 'account:web')).toMatch(other)
    const host = async (said: string | null) => (await world.leased('on-host', null, said).post(pods, hostPod)).said
    expect(await host('danger:pod-host')).toBe('done')
    expect(await host(null)).toMatch(/share the host's namespaces/)
    expect(await host('danger:pod-host-x danger:')).toMatch(/share the host's namespaces/)
  })
})
