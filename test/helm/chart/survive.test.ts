import { beforeAll, describe, expect, test } from 'vitest'
import { containersIn, envOf, type Loose, objectsIn, podsIn, render, rendered, valuesOf } from './a-chart.ts'
import { envoyOf } from './envoy-of.ts'

const of = (objects: readonly Loose[], kind: string, component: string) =>
  objects.find(object => object.kind === kind && object.metadata.name === `lg-leasegate-${component}`)

let minimal: readonly Loose[]

beforeAll(async () => {
  minimal = await rendered('minimal')
})

describe('addresses', () => {
  const listened = (objects: readonly Loose[]) => [
    ...envoyOf(objects).static_resources.listeners.map(({ address }: Loose) => address.socket_address.address),
    ...podsIn(objects)
      .flatMap(({ spec }) => spec.containers)
      .flatMap(({ env = [] }: Loose) => env)
      .filter(({ name }: Loose) => name.endsWith('_LISTEN'))
      .map(({ value }: Loose) => value.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')),
  ]

  test.each([
    { name: 'of both families by default', ipv6: true, want: '::' },
    { name: 'of IPv4 alone where nodes have no other', ipv6: false, want: '0.0.0.0' },
  ])('everything listens on those $name', async ({ ipv6, want }) => {
    const objects = await rendered('minimal', { ipv6 })
    const found = listened(objects)
    expect(found.length).toBeGreaterThanOrEqual(9)
    expect(new Set(found)).toEqual(new Set([want]))
    for (const { address } of envoyOf(objects).static_resources.listeners) {
      expect(address.socket_address.ipv4_compat ?? false).toBe(ipv6)
    }
  })

  test('Services have the families that somebody names', async () => {
    const objects = await rendered('minimal', { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] })
    const services = objects.filter(({ kind }) => kind === 'Service')
    expect(services.length).toBeGreaterThan(4)
    for (const { spec } of services) {
      expect(spec).toMatchObject({ ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] })
    }
  })
})

describe('what Envoy looks at by itself', () => {
  test('stays in DNS while it is not ready: it would be found again only when DNS is asked again', () => {
    const clusters: readonly Loose[] = envoyOf(minimal).static_resources.clusters
    const parts = clusters.filter(({ transport_socket }) =>
      JSON.stringify(transport_socket).includes('leasegate.internal'),
    )
    expect(parts.map(({ name }) => name).toSorted()).toEqual(['authorizers', 'broker', 'tap'])
    for (const { name, health_checks } of parts) {
      expect(health_checks).toHaveLength(1)
      expect(of(minimal, 'Service', name === 'authorizers' ? 'authorizer' : name).spec.publishNotReadyAddresses).toBe(
        true,
      )
    }
  })

  test('an API server that is gone is noticed, on connections of each kind', () => {
    const clusters: readonly Loose[] = envoyOf(minimal).static_resources.clusters
    const api = clusters.filter(({ name }) => name.startsWith('api_server'))
    expect(api).toHaveLength(2)
    for (const cluster of api) {
      expect(cluster.upstream_connection_options.tcp_keepalive.keepalive_time).toBeLessThanOrEqual(60)
    }
    const [http2] = Object.values<Loose>(api[0].typed_extension_protocol_options)
    expect(http2.explicit_http_config.http2_protocol_options.connection_keepalive).toBeDefined()
  })
})

test('Envoy sheds load before its container is killed, whatever memory it is given', async () => {
  for (const [memory, bytes] of [
    ['512Mi', 512 * 2 ** 20],
    ['4Gi', 4 * 2 ** 30],
  ] as const) {
    const objects = await rendered('minimal', { envoy: { resources: { limits: { memory } } } })
    const [heap] = envoyOf(objects).overload_manager.resource_monitors
    expect(heap.typed_config.max_heap_size_bytes).toBeLessThan(bytes * 0.7)
    expect(heap.typed_config.max_heap_size_bytes).toBeGreaterThan(bytes * 0.5)
  }
})

test('a rollout of many replaces several at a time', () => {
  const deployments = minimal.filter(({ kind }) => kind === 'Deployment')
  expect(deployments).toHaveLength(4)
  for (const { spec } of deployments) {
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: '25%', maxUnavailable: 0 })
  }
})

test('no pod counts as ready, for a rollout or for an eviction, before Envoy has asked DNS again', () => {
  const dnsIsKeptFor = 30
  for (const component of ['authorizer', 'broker', 'tap']) {
    const [{ readinessProbe }] = of(minimal, 'Deployment', component).spec.template.spec.containers
    expect(readinessProbe.initialDelaySeconds).toBeGreaterThan(dnsIsKeptFor)
  }
})

test('a mesh is told what its ports speak: TLS of their own, which it must not read', () => {
  const ports = minimal
    .filter(({ kind }) => kind === 'Service')
    .flatMap(({ spec }) => spec.ports)
    .filter(({ name }) => ['boundary', 'broker', 'grpc', 'recorder'].includes(name))
  const spoken = Object.fromEntries(ports.map(({ name, appProtocol }) => [name, appProtocol]))
  expect(spoken).toEqual({ boundary: 'https', broker: 'https', grpc: 'tls' })
})

test('an annotation of a pod stands once, and what makes it begin anew is not the user’s to say', async () => {
  const podAnnotations = { 'kubectl.kubernetes.io/default-container': 'companion', 'checksum/envoy': 'x', team: 'a' }
  const texts = [
    await render(await valuesOf('minimal')),
    await render({ ...(await valuesOf('minimal')), envoy: { podAnnotations } }),
  ]
  const [before, after] = texts.map(
    text => of(objectsIn(text), 'Deployment', 'envoy').spec.template.metadata.annotations,
  )
  const checksums = Object.entries(before).filter(([name]) => name.startsWith('checksum/'))
  expect(checksums.length).toBeGreaterThan(0)
  expect(after).toMatchObject({ ...podAnnotations, ...Object.fromEntries(checksums) })
  const [pod = ''] =
    texts[1]?.split('\n---').filter(one => /kind: Deployment[\s\S]*name: lg-leasegate-envoy\n/.test(one)) ?? []
  expect(pod.match(/default-container/g)).toHaveLength(1)
})

describe('OpenShift', () => {
  const ids = (objects: readonly Loose[]) =>
    podsIn(objects)
      .flatMap(({ spec }) => [spec.securityContext, ...containersIn(spec).map(each => each.securityContext)])
      .flatMap(({ runAsUser, runAsGroup, fsGroup }: Loose) => [runAsUser, runAsGroup, fsGroup])
      .filter(id => id !== undefined)

  test('is seen where the cluster is one: user and group ids are its own to choose', async () => {
    const more = ['--api-versions', 'security.openshift.io/v1']
    expect(ids(minimal).length).toBeGreaterThan(7)
    expect(ids(objectsIn(await render(await valuesOf('minimal'), { more })))).toEqual([])
  })
})

test('whoever judges and gives leases knows the namespace of the boundary, whatever a policy of somebody’s own says', async () => {
  const objects = await rendered('policy-configmap', { namespaceOverride: 'the-boundary' })
  for (const component of ['authorizer', 'broker']) {
    expect(envOf(of(objects, 'Deployment', component))).toMatchObject({ LEASEGATE_BOUNDARY_NAMESPACE: 'the-boundary' })
  }
})

describe('what is true of every pod', () => {
  const global = {
    nodeSelector: { pool: 'system' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    priorityClassName: 'platform',
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    topologySpreadConstraints: [],
  }

  test.each(['minimal', 'embedded'])('can be said once: %s', async scenario => {
    const pods = podsIn(await rendered(scenario, { global }))
    expect(pods.length).toBeGreaterThanOrEqual(7)
    for (const { name, spec } of pods) {
      const { nodeSelector, tolerations, priorityClassName, dnsConfig } = spec
      const { topologySpreadConstraints: _, ...wanted } = global
      expect({ name, nodeSelector: { pool: nodeSelector.pool }, tolerations, priorityClassName, dnsConfig }).toEqual({
        name,
        ...wanted,
      })
    }
  })

  test('one that names its own has that', async () => {
    const objects = await rendered('minimal', { global, tap: { nodeSelector: { pool: 'data' } } })
    expect(of(objects, 'Deployment', 'tap').spec.template.spec.nodeSelector).toEqual({ pool: 'data' })
    expect(of(objects, 'Deployment', 'envoy').spec.template.spec.nodeSelector).toEqual({ pool: 'system' })
  })

  test('a label that is said twice is there once', async () => {
    const text = await render({
      ...(await valuesOf('minimal')),
      commonLabels: { team: 'a' },
      tap: { podLabels: { team: 'b' } },
    })
    expect(of(objectsIn(text), 'Deployment', 'tap').spec.template.metadata.labels.team).toBe('a')
  })
})

describe('to try it out', () => {
  let embedded: readonly Loose[]
  beforeAll(async () => {
    embedded = await rendered('embedded')
  })

  test('it fits a node of two cores, while all of it is being replaced too', () => {
    const cores = embedded
      .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      .flatMap(({ spec, kind }) =>
        spec.template.spec.containers.map(
          ({ resources }: Loose) =>
            spec.replicas * (kind === 'Deployment' ? 2 : 1) * Number.parseInt(resources.requests.cpu, 10),
        ),
      )
    expect(cores.reduce((sum: number, each: number) => sum + each, 0)).toBeLessThan(1000)
  })

  test('the engine inside of the tap goes where it can run', () => {
    expect(of(embedded, 'Deployment', 'tap').spec.template.spec.nodeSelector).toEqual({ 'kubernetes.io/arch': 'amd64' })
  })

  test('the record outlives the release', () => {
    expect(of(embedded, 'PersistentVolumeClaim', 'tap').metadata.annotations).toEqual({
      'helm.sh/resource-policy': 'keep',
    })
  })
})

describe('the record', () => {
  const envOf = (objects: readonly Loose[], component: string) => {
    const object = objects.find(
      ({ kind, metadata }) => /^(Job|Deployment)$/.test(kind) && metadata.name.startsWith(`lg-leasegate-${component}`),
    )
    const { env } = object.spec.template.spec.containers[0]
    return Object.fromEntries(env.map(({ name, value }: Loose) => [name, value]))
  }

  test('is kept as the values say, by the job and by the taps alike', async () => {
    const retention = { requests: '1000d', events: '2000d', minutes: '30d', shorten: true }
    const clickhouse = { url: 'http://ch:8123', cluster: 'main', retention }
    const objects = await rendered('minimal', { clickhouse })
    for (const component of ['migrate', 'tap']) {
      expect(envOf(objects, component)).toMatchObject({
        LEASEGATE_CLICKHOUSE_CLUSTER: 'main',
        LEASEGATE_RETENTION_REQUESTS: '1000d',
        LEASEGATE_RETENTION_EVENTS: '2000d',
        LEASEGATE_RETENTION_MINUTES: '30d',
        LEASEGATE_RETENTION_SHORTEN: 'yes',
      })
    }
    expect(envOf(minimal, 'migrate')).toMatchObject({ LEASEGATE_RETENTION_SHORTEN: 'no' })
  })

  test('may have tables of a user that no tap knows', async () => {
    const { clickhouse } = await valuesOf('stores-tls')
    const objects = await rendered('stores-tls', {
      clickhouse: { ...clickhouse, migrateSecret: { name: 'owner', userKey: 'who' } },
    })
    const secretsOf = (component: string) => {
      const found = podsIn(objects).find(({ name }) => name.includes(component))
      return found?.spec.volumes.flatMap(({ secret }: Loose) => secret?.secretName ?? [])
    }
    expect(secretsOf('Job/lg-leasegate-migrate')).toContain('owner')
    expect(secretsOf('Job/lg-leasegate-migrate')).not.toContain(clickhouse.existingSecret.name)
    expect(secretsOf('Deployment/lg-leasegate-tap')).not.toContain('owner')
    expect(envOf(objects, 'migrate')['LEASEGATE_CLICKHOUSE_USER_FILE']).toBe('/etc/leasegate/clickhouse/who')
  })
})
