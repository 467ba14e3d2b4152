import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { CHART, type Helm, type Loose, NAMESPACE, valuesOf } from '../chart/a-chart.ts'
import { world } from './the-cluster.ts'

const OLD = join(import.meta.dirname, '../releases/leasegate-0.0.1.tgz')
const COMPONENTS = ['authorizer', 'broker', 'envoy', 'tap']

/** Nobody here waits for DNS. */
async function quick(): Promise<Loose> {
  const values = await valuesOf('minimal')
  return { ...values, ...Object.fromEntries(COMPONENTS.map(name => [name, { minReadySeconds: 0 }])) }
}

/** Each object of each kind, but for what Kubernetes itself writes all the time. */
async function everything(): Promise<readonly string[]> {
  const kinds = (await world.kubectl(['api-resources', '--verbs=list', '--output=name'])).trim().split('\n')
  const lasting = kinds.filter(kind => !/^(events|leases|componentstatuses|ipaddresses)\b/.test(kind))
  const names = await world.kubectl(['get', lasting.join(), '-A', '-o', 'name', '--ignore-not-found'])
  return names.trim().split('\n').sort()
}

async function succeed(args: readonly string[], values?: object, by?: Helm): Promise<void> {
  const { code, stderr } = await world.helm(args, values, by)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
}

async function rollout(): Promise<void> {
  for (const component of COMPONENTS) {
    await world.kubectl(['rollout', 'status', `deployment/lg-leasegate-${component}`, '-n', NAMESPACE, '--timeout=60s'])
  }
}

async function podNames(): Promise<readonly string[]> {
  const pods = await world.all('pods')
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
}

/** Which revision of its pods each Deployment is at: a higher one means that they were replaced. */
async function revisions(): Promise<Readonly<Record<string, string>>> {
  const all = await world.all('deployments')
  return Object.fromEntries(all.map(({ metadata: m }) => [m.name, m.annotations['deployment.kubernetes.io/revision']]))
}

describe('a release, through its life in a real cluster', () => {
  let before: readonly string[]
  beforeAll(async () => {
    before = await everything()
  })

  test('an older version is there, by Helm 3', async () => {
    await succeed(['install', OLD, '--wait'], await valuesOf('minimal'), 3)
    await rollout()
  }, 180_000)

  test('is upgraded to this one, by Helm 3 as well, with its jobs done before and gone after', async () => {
    await succeed(['upgrade', CHART, '--wait'], await quick(), 3)
    await rollout()
    const versions = (await world.all('deployments')).map(
      ({ metadata }) => metadata.labels['app.kubernetes.io/version'],
    )
    expect(versions).toEqual(COMPONENTS.map(() => '0.1.0'))
    expect(await world.all('jobs')).toEqual([])
  }, 180_000)

  test('upgraded to the same again, from now on by Helm 4, or with another policy, replaces no pod', async () => {
    const [old, pods] = [await revisions(), (await podNames()).toSorted()]
    await succeed(['upgrade', CHART, '--wait'], await quick())
    const values = await quick()
    values.policy.inline.templates[0].maxTtl = '10m'
    await succeed(['upgrade', CHART, '--wait'], values)
    expect(await revisions()).toEqual(old)
    expect((await podNames()).toSorted()).toEqual(pods)
    const [map] = (await world.all('configmaps')).filter(({ metadata }) => metadata.name === 'lg-leasegate-policy')
    expect(map.data['policy.yaml']).toContain('maxTtl: 10m')
  }, 180_000)

  test('keeps as many as it has when it is let scale by itself, and leaves out and names what belongs nowhere', async () => {
    const values = await quick()
    values.authorizer = { ...values.authorizer, autoscaling: { enabled: true } }
    values.policy.inline.templates[0].grants[0].namespaces = ['shop', 'gone']
    const { code, stdout, stderr } = await world.helm(['upgrade', CHART], values)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('There is no namespace gone')
    const [authorizer] = (await world.all('deployments')).filter(({ metadata }) => /authorizer$/.test(metadata.name))
    expect(authorizer.spec.replicas).toBe(2)
    const bound = (await world.all('rolebindings')).filter(({ metadata }) => /:task:/.test(metadata.name))
    expect(new Set(bound.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['shop']))
  }, 180_000)

  test.each(COMPONENTS)(
    'has a Service that leads to the pods of %s, to all of them and to no others',
    async name => {
      const names = name === 'envoy' ? ['lg-leasegate-envoy', 'lg-leasegate-envoy-stats'] : [`lg-leasegate-${name}`]
      for (const service of names) {
        const reached = async () => {
          const slices = (await world.all('endpointslices')).filter(
            ({ metadata }) => metadata.labels['kubernetes.io/service-name'] === service,
          )
          const endpoints: readonly Loose[] = slices.flatMap(slice => slice.endpoints ?? [])
          return endpoints.filter(({ conditions }) => conditions.ready).map(({ targetRef }) => targetRef.name)
        }
        const own = (await podNames()).filter(pod => pod.startsWith(`lg-leasegate-${name}-`)).toSorted()
        expect(own).toHaveLength(2)
        await until(
          `${service} to lead to ${own}`,
          async () => (await reached()).toSorted().join() === own.join(),
          60_000,
        )
      }
    },
    180_000,
  )

  test('has ports behind each Service and each probe', async () => {
    for (const { spec } of await world.all('pods')) {
      const named: readonly Loose[] = spec.containers.flatMap(({ ports = [] }: Loose) => ports)
      const known = new Set(named.flatMap(({ name, containerPort }) => [name, containerPort]))
      for (const container of spec.containers) {
        const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap(key => container[key] ?? [])
        const hook = container.lifecycle?.preStop?.httpGet
        for (const { httpGet } of [...probes, ...(hook === undefined ? [] : [{ httpGet: hook }])]) {
          expect({ port: httpGet.port, known: known.has(httpGet.port) }).toEqual({ port: httpGet.port, known: true })
        }
      }
    }
    for (const { spec, metadata } of await world.all('services')) {
      if (!metadata.name.startsWith('lg-')) continue
      const [pod] = (await world.all('pods')).filter(each =>
        Object.entries(spec.selector).every(([key, value]) => each.metadata.labels[key] === value),
      )
      const ports = pod.spec.containers.flatMap(({ ports = [] }: Loose) => ports.map(({ name }: Loose) => name))
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort)
    }
  })

  test('has budgets and policies that count its pods by component', async () => {
    const counted = async () => {
      const budgets = await world.all('poddisruptionbudgets')
      return budgets.map(({ metadata, status }) => `${metadata.name} ${status.currentHealthy}`)
    }
    const wanted = COMPONENTS.map(component => `lg-leasegate-${component} 2`)
    await until('all pods to be counted', async () => (await counted()).join() === wanted.join(), 60_000)
    for (const component of COMPONENTS) {
      const [policy] = (await world.all('networkpolicies')).filter(
        ({ metadata }) => metadata.name === `lg-leasegate-${component}`,
      )
      const selector = Object.entries(policy.spec.podSelector.matchLabels).map(pair => pair.join('='))
      const selected = await world.kubectl(['get', 'pods', '-n', NAMESPACE, '-l', selector.join(), '-o', 'name'])
      expect(selected.trim().split('\n')).toEqual([
        expect.stringContaining(`/lg-leasegate-${component}-`),
        expect.stringContaining(`/lg-leasegate-${component}-`),
      ])
    }
  }, 180_000)

  test('has taps that are known by number while sessions are recorded, with a volume each that stays', async () => {
    const taps = async () =>
      [...(await world.all('deployments')), ...(await world.all('statefulsets'))]
        .filter(({ metadata }) => metadata.name === 'lg-leasegate-tap')
        .map(({ kind }) => kind)
    const claims = async () =>
      (await world.all('persistentvolumeclaims')).map(({ metadata }) => metadata.name).toSorted()
    // Nobody here makes volumes, so no such tap starts.
    await succeed(['upgrade', CHART], { ...(await quick()), sessions: { enabled: true } })
    expect(await taps()).toEqual(['StatefulSet'])
    const wanted = [0, 1].map(number => `sessions-lg-leasegate-tap-${number}`)
    await until('their claims', async () => (await claims()).join() === wanted.join(), 60_000)
    await succeed(['upgrade', CHART, '--wait'], await quick())
    expect(await taps()).toEqual(['Deployment'])
    expect(await claims()).toEqual(wanted)
    await world.kubectl(['delete', 'persistentvolumeclaims', '--all', '-n', NAMESPACE])
  }, 180_000)

  test('goes back to the older version', async () => {
    await succeed(['rollback', '1', '--wait'])
    await rollout()
    const versions = (await world.all('deployments')).map(
      ({ metadata }) => metadata.labels['app.kubernetes.io/version'],
    )
    expect(versions).toEqual(COMPONENTS.map(() => '0.0.1'))
  }, 360_000)

  test('leaves nothing behind when it is uninstalled', async () => {
    await succeed(['uninstall', '--wait'])
    const left = async () => (await everything()).filter(name => !before.includes(name))
    await until('everything to be gone', async () => (await left()).length === 0, 60_000)
  })
})
