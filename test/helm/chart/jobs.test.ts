import { beforeAll, describe, expect, test } from 'vitest'
import { type Loose, objectsIn, podsIn, render, valuesOf } from './a-chart.ts'

const JOBS = ['migrate', 'setup']
const HOOK = 'helm.sh/hook'

const jobsIn = (objects: readonly Loose[]) => objects.filter(({ kind }) => kind === 'Job')
const namesIn = (objects: readonly Loose[]) => jobsIn(objects).map(({ metadata }) => metadata.name)
const weightOf = ({ metadata }: Loose) => Number(metadata.annotations['helm.sh/hook-weight'])

async function rendered(change: Loose): Promise<readonly Loose[]> {
  const values = await valuesOf('minimal')
  return objectsIn(await render({ ...values, ...change, image: { ...values.image, ...change.image } }))
}

describe.each([
  { name: 'as hooks', hooks: true },
  { name: 'as plain objects', hooks: false },
])('jobs $name', ({ hooks }) => {
  let first: readonly Loose[]

  beforeAll(async () => {
    first = await rendered({ jobs: { hooks } })
  })

  test.each([
    { name: 'image', change: { image: { tag: 'next' } }, other: JOBS },
    { name: 'host', change: { tls: { hosts: ['new.example'] } }, other: ['setup'] },
    { name: 'policy', change: { rbac: { policy: {} }, policy: 'shorter' }, other: ['setup'] },
  ])(
    'with another $name are other jobs: none can be changed, and nobody counts revisions',
    async ({ change, other }) => {
      const { policy } = await valuesOf('minimal')
      policy.inline.templates[0].maxTtl = '10m'
      const next = await rendered({ ...change, ...('policy' in change ? { policy } : {}), jobs: { hooks } })
      const [before, after] = [namesIn(first), namesIn(next)]
      expect(before).toHaveLength(2)
      const changed = after
        .filter(name => !before.includes(name))
        .map(name => name.replace(/^lg-leasegate-|-[0-9a-f]+$/g, ''))
      expect(changed.toSorted()).toEqual(other)
    },
  )

  test('are the same when nothing changed, so that nothing runs again', async () => {
    expect(namesIn(await rendered({ jobs: { hooks } }))).toEqual(namesIn(first))
  })

  test('end by themselves only where nobody misses them', () => {
    for (const { spec } of jobsIn(first)) {
      expect(spec.ttlSecondsAfterFinished === undefined).toBe(!hooks)
      // Helm waits for five minutes, and nothing of a release that was given up runs later.
      if (hooks) expect(spec.activeDeadlineSeconds).toBeLessThan(300)
    }
  })

  test('have what they need before them: an account, a way out, the policy of this revision', () => {
    for (const job of jobsIn(first)) {
      const { serviceAccountName, volumes } = job.spec.template.spec
      const labels = job.spec.template.metadata.labels
      const wanted: readonly ((object: Loose) => boolean)[] = [
        ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === serviceAccountName,
        ({ kind, spec }) =>
          kind === 'NetworkPolicy' &&
          spec.podSelector.matchExpressions === undefined &&
          Object.entries(spec.podSelector.matchLabels).every(([key, value]) => labels[key] === value),
        ...volumes.flatMap(({ configMap }: Loose) =>
          configMap === undefined
            ? []
            : [({ kind, metadata }: Loose) => kind === 'ConfigMap' && metadata.name === configMap.name],
        ),
      ]
      for (const isWanted of wanted) {
        const found = first.filter(isWanted)
        expect(found).toHaveLength(1)
        expect(found[0].metadata.annotations?.[HOOK] !== undefined).toBe(hooks)
        if (hooks) expect(weightOf(found[0])).toBeLessThan(weightOf(job))
      }
    }
  })
})

describe('the job that comes first', () => {
  test('is given the policy of this revision, with the files it names, and the stores to look at', async () => {
    const objects = await rendered({})
    const [setup] = jobsIn(objects).filter(({ metadata }) => metadata.name.includes('setup'))
    const [{ args, env }] = setup.spec.template.spec.containers
    expect(args[args.indexOf('--policy') + 1]).toBe('/etc/leasegate/policy/policy.yaml')
    expect(env.map(({ name }: Loose) => name)).toEqual(
      expect.arrayContaining(['LEASEGATE_REDIS_URL', 'LEASEGATE_CLICKHOUSE_URL', 'LEASEGATE_BOUNDARY_NAMESPACE']),
    )
    const of = (name: string) =>
      objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name).data
    expect(of('lg-leasegate-setup')).toEqual(of('lg-leasegate-policy'))
  })

  test('compares a policy of GitOps with the one that roles are made from', async () => {
    const objects = objectsIn(await render(await valuesOf('policy-configmap')))
    const [setup] = jobsIn(objects).filter(({ metadata }) => metadata.name.includes('setup'))
    const { containers, volumes } = setup.spec.template.spec
    expect(containers[0].args.join(' ')).toContain(
      '/etc/leasegate/policy/leases.yaml --granted /etc/leasegate/granted/policy.yaml',
    )
    const maps = volumes.flatMap(({ configMap }: Loose) => configMap?.name ?? [])
    expect(maps).toEqual(['corp-leasegate-policy', 'lg-leasegate-setup'])
  })
})

test('annotations of jobs are on all that a job needs, for platforms with hooks of their own', async () => {
  const annotations = { 'argocd.argoproj.io/hook': 'PreSync' }
  const objects = await rendered({ jobs: { hooks: false, annotations } })
  const marked = objects.filter(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/hook'] === 'PreSync')
  const kinds = marked.map(({ kind }) => kind)
  for (const kind of ['Job', 'ServiceAccount', 'Role', 'RoleBinding', 'NetworkPolicy', 'ConfigMap'])
    expect(kinds).toContain(kind)
})

test('certificates are renewed by an account that can make no Secret and reads no signing keys', async () => {
  const objects = await rendered({ networkPolicy: { agentNamespaces: ['agents'] } })
  const [cron, ...others] = objects.filter(({ kind }) => kind === 'CronJob')
  expect(others).toEqual([])
  const { serviceAccountName, containers } = cron.spec.jobTemplate.spec.template.spec
  expect(containers[0].args).toEqual(expect.arrayContaining(['--only', 'certificates', '--publish-ca', 'agents']))
  const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name.startsWith(serviceAccountName))
  expect(roles.map(({ metadata }) => metadata.namespace).toSorted()).toEqual(['agents', 'leasegate-system'])
  const secrets = roles.flatMap(({ rules }) => rules).filter(({ resources }: Loose) => resources.includes('secrets'))
  expect(secrets.flatMap(({ verbs }: Loose) => verbs).toSorted()).toEqual(['get', 'update'])
  expect(secrets.flatMap(({ resourceNames = ['any'] }: Loose) => resourceNames)).toEqual(
    ['ca', 'server-tls', 'envoy-tls', 'authorizer-tls', 'tap-tls', 'broker-tls'].map(name => `lg-leasegate-${name}`),
  )
  expect(podsIn(objects).length).toBeGreaterThan(4)
})

test('names of jobs and of their pods are short enough, whatever a release is called', async () => {
  const objects = await rendered({ fullnameOverride: 'a'.repeat(60) })
  for (const { kind, metadata } of objects) {
    if (kind === 'Job') expect(metadata.name.length).toBeLessThanOrEqual(63)
    if (kind === 'CronJob') expect(metadata.name.length).toBeLessThanOrEqual(52)
  }
  expect(new Set(namesIn(objects)).size).toBe(2)
})
