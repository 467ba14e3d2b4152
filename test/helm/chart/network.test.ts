import { describe, expect, test } from 'vitest'
import { type Loose, objectsIn, render, valuesOf } from './a-chart.ts'

/** Who may reach a component, by port. */
async function admitted(
  scenario: string,
  component: string,
): Promise<readonly (readonly [port: string, from: Loose])[]> {
  const objects = objectsIn(await render(await valuesOf(scenario)))
  const policy = objects.find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `lg-leasegate-${component}`,
  )
  const rules: readonly Loose[] = policy.spec.ingress
  return rules.flatMap(({ ports, from }) => ports.map(({ port }: Loose) => [port, from]))
}

describe('the network', () => {
  test.each(['authorizer', 'tap', 'broker'])('lets nobody but Envoy reach %s', async component => {
    const [[port, from] = ['', []], ...others] = await admitted('minimal', component)
    expect({ port, others }).toEqual({ port: 'grpc', others: [] })
    expect(from).toEqual([
      { podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'envoy' }) } },
    ])
  })

  test('lets clients reach the boundary and the broker, and no port of Envoy besides', async () => {
    expect((await admitted('minimal', 'envoy')).map(([port]) => port)).toEqual(['boundary', 'broker'])
  })

  test.each(['monitoring', 'pod-monitor', 'networks'])(
    'lets metrics be read where somebody is to read them: %s',
    async scenario => {
      expect((await admitted(scenario, 'envoy')).map(([port]) => port)).toContain('stats')
      expect((await admitted(scenario, 'tap')).map(([port]) => port)).toContain('health')
    },
  )

  test('leads the broker to ClickHouse where pages show the record, and nowhere else; its account is not the writer’s', async () => {
    const values = await valuesOf('console')
    values.clickhouse.existingSecret = { name: 'writer' }
    values.clickhouse.ca = { name: 'clickhouse-ca' }
    const brokerOf = async (given: Loose) => {
      const objects = objectsIn(await render(given))
      const named = (kind: string) =>
        objects.find(each => each.kind === kind && each.metadata.name === 'lg-leasegate-broker')
      const { containers, volumes } = named('Deployment').spec.template.spec
      const ports = named('NetworkPolicy').spec.egress.flatMap((rule: Loose) =>
        rule.ports.map(({ port }: Loose) => port),
      )
      const env = containers[0].env.filter(({ name }: Loose) => /CLICKHOUSE/.test(name))
      const secrets = volumes.flatMap(({ secret }: Loose) => secret?.secretName ?? [])
      return { env: Object.fromEntries(env.map((one: Loose) => [one.name, one.value])), ports, secrets }
    }
    const told = await brokerOf(values)
    expect(told.env).toEqual({
      LEASEGATE_CLICKHOUSE_URL: 'http://clickhouse.data.svc:8123',
      LEASEGATE_CLICKHOUSE_USER_FILE: '/etc/leasegate/record/user',
      LEASEGATE_CLICKHOUSE_PASSWORD_FILE: '/etc/leasegate/record/password',
      LEASEGATE_CLICKHOUSE_CA_FILE: '/etc/leasegate/clickhouse-ca/ca.crt',
    })
    expect(told.ports).toContain(8123)
    expect(told.secrets).toEqual(expect.arrayContaining(['leasegate-record-reader', 'clickhouse-ca']))
    expect(told.secrets).not.toContain('writer')
    for (const without of [
      { ...values, console: { ...values.console, existingRecordSecret: {} } },
      { ...values, console: {} },
    ]) {
      const { env, ports, secrets } = await brokerOf(without)
      expect(env).toEqual({})
      expect(ports).not.toContain(8123)
      expect(secrets.filter((name: string) => /record|clickhouse|writer/.test(name))).toEqual([])
    }
  })

  test('leaves agents a way to names and to Envoy, and no other', async () => {
    const objects = objectsIn(await render(await valuesOf('networks')))
    const ours = objects.filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && /^lg-leasegate-agents\b/.test(metadata.name),
    )
    expect(ours.map(({ metadata }) => metadata.namespace)).toEqual(['agents', 'agents-batch'])
    for (const { spec } of ours) {
      expect(spec.podSelector).toEqual({})
      const ports = spec.egress.flatMap((rule: Loose) => rule.ports.map(({ port }: Loose) => port))
      expect(ports).toEqual([53, 53, 5353, 5353, 'boundary', 'broker', 443, 22])
      expect(spec.egress.every(({ to = [] }: Loose) => to.length > 0)).toBe(true)
    }
  })

  test('lets agents reach what is named beside Envoy, and never the API server', async () => {
    const values = await valuesOf('networks')
    values.apiServer.networks = ['10.0.0.1/32', '192.168.7.0/28', 'fd00::1/128']
    values.networkPolicy.agentEgress = {
      networks: ['0.0.0.0/0', '192.168.0.0/16', '172.16.0.0/12', '::/0'],
      ports: [443],
    }
    const objects = objectsIn(await render(values))
    const [{ spec }] = objects.filter(({ metadata }) => /^lg-leasegate-agents\b/.test(metadata.name))
    const blocks = spec.egress.at(-1).to.map(({ ipBlock }: Loose) => ipBlock)
    expect(blocks).toEqual([
      { cidr: '0.0.0.0/0', except: ['10.0.0.1/32', '192.168.7.0/28', '169.254.0.0/16'] },
      { cidr: '192.168.0.0/16', except: ['192.168.7.0/28'] },
      { cidr: '172.16.0.0/12' },
      { cidr: '::/0', except: ['fd00::1/128'] },
    ])
  })

  test('lets each part reach the networks of its servers and no other, by every port that they have', async () => {
    const objects = objectsIn(await render(await valuesOf('networks')))
    const reach = (component: string) => {
      const found = objects.find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `lg-leasegate-${component}`,
      )
      return found.spec.egress
        .filter(({ ports }: Loose) => !ports.some(({ port }: Loose) => port === 53 || port === 'grpc'))
        .map(({ ports, to = [] }: Loose) =>
          [
            ports.map(({ port }: Loose) => port).join(),
            to
              .map(({ ipBlock, podSelector }: Loose) => ipBlock?.cidr ?? Object.values(podSelector.matchLabels).join())
              .join(),
          ].join(' '),
        )
    }
    const [api, redis, clickhouse] = [
      '443,16443 10.0.0.1/32,192.168.7.0/28,fd00::1/128',
      '6379 10.40.1.0/24',
      '8123,8443 10.40.2.0/24',
    ]
    expect(reach('envoy')).toEqual([api])
    expect(reach('authorizer')).toEqual([redis])
    expect(reach('broker')).toEqual([redis, '443,8443 10.30.0.0/16', api])
    const without = objectsIn(await render({ ...(await valuesOf('networks')), plans: { enabled: false } }))
    const broker = without.find(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'lg-leasegate-broker',
    )
    expect(JSON.stringify(broker.spec.egress)).not.toContain('16443')
    expect(reach('tap')).toEqual([redis, clickhouse])
    expect(reach('setup')).toEqual([api, redis, clickhouse])
    expect(reach('migrate')).toEqual([clickhouse])
    expect(reach('renew')).toEqual([api])
    expect(reach('doctor')).toEqual(expect.arrayContaining([api, redis, clickhouse, '443,8443 10.30.0.0/16']))
  })

  test('knows the ports of what values name by address', async () => {
    const values = await valuesOf('console')
    Object.assign(values, {
      redis: { ...values.redis, url: 'rediss://store.redis.example:10000' },
      clickhouse: { ...values.clickhouse, url: 'https://ch.corp.example' },
      webhook: { ...values.webhook, url: 'https://hooks.corp.example:9443/x' },
      console: { ...values.console, issuer: 'https://login.corp.example:8444' },
      ledger: {
        enabled: true,
        existingSecret: { name: 'ledger' },
        s3: { url: 'https://minio.data.svc:9000', bucket: 'b', existingSecret: { name: 's3' } },
      },
    })
    values.policy.inline.issuers[0].jwks.url = 'https://keys.corp.example:7443/keys'
    values.policy.inline.notify.receivers[1].email.server = 'smtp.corp.example:2525'
    values.policy.inline.notify.onCall = { url: 'https://pager.corp.example:7001', secretFile: '/x' }
    values.policy.inline.tickets = { url: 'https://tickets.corp.example:7002', secretFile: '/x' }
    const objects = objectsIn(await render(values))
    const ports = (component: string) =>
      objects
        .find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `lg-leasegate-${component}`)
        .spec.egress.flatMap((rule: Loose) => rule.ports.map(({ port }: Loose) => port))
    expect(ports('authorizer')).toContain(10_000)
    expect(ports('tap')).toEqual(expect.arrayContaining([10_000, 443, 9000]))
    expect(ports('broker')).toEqual(expect.arrayContaining([10_000, 443, 8444, 7443, 9443, 2525, 7001, 7002]))
    expect(ports('setup')).toEqual(expect.arrayContaining([10_000, 443]))
  })

  test('lets the broker reach whoever is told of questions, where somebody is', async () => {
    const reach = async (values: Loose) => {
      const objects = objectsIn(await render(values))
      const [broker] = objects.filter(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'lg-leasegate-broker',
      )
      return broker.spec.egress.flatMap(({ ports, to = [] }: Loose) =>
        ports.map(({ port }: Loose) => [port, to.map(({ ipBlock }: Loose) => ipBlock?.cidr).join()].join(' ')),
      )
    }
    const values = await valuesOf('console')
    expect(await reach(values)).toEqual(expect.arrayContaining(['465 ', '587 ']))
    values.networkPolicy = { notifyPorts: [2525], notifyNetworks: ['10.50.0.0/16'] }
    expect(await reach(values)).toContain('2525 10.50.0.0/16')
    expect((await reach(await valuesOf('minimal'))).filter((port: string) => /^(465|587)/.test(port))).toEqual([])
  })

  test('finds the resolvers of the platforms that people have, where nobody says which', async () => {
    const objects = objectsIn(await render(await valuesOf('minimal')))
    const envoy = objects.find(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'lg-leasegate-envoy',
    )
    const [{ ports, to }] = envoy.spec.egress
    expect(ports.map(({ port, protocol }: Loose) => `${protocol} ${port}`)).toEqual([
      'UDP 53',
      'TCP 53',
      'UDP 5353',
      'TCP 5353',
    ])
    const peers = to.map(({ ipBlock, namespaceSelector, podSelector }: Loose) =>
      ipBlock
        ? ipBlock.cidr
        : [namespaceSelector, podSelector].flatMap(({ matchLabels }) => Object.values(matchLabels)).join(),
    )
    expect(peers).toEqual(['kube-system,kube-dns', 'openshift-dns,default', '169.254.20.10/32', '169.254.169.254/32'])
  })

  test('knows resolvers by name or address: a port alone would be a way to whoever listens on it', async () => {
    const objects = objectsIn(await render(await valuesOf('networks')))
    const egress: readonly Loose[] = objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .flatMap(({ spec }) => spec.egress ?? [])
    const names = egress.filter(({ ports }) => ports.some(({ port }: Loose) => port === 53))
    expect(names.length).toBeGreaterThanOrEqual(8)
    for (const { to } of names) {
      expect(to.length).toBeGreaterThan(0)
      for (const { podSelector, namespaceSelector, ipBlock } of to) {
        if (ipBlock?.cidr === '0.0.0.0/0') throw new Error('names are resolved anywhere')
        const isPod = Object.keys(podSelector?.matchLabels ?? {}).length > 0 && namespaceSelector?.matchLabels
        expect(Boolean(isPod) !== /\/32$/.test(ipBlock?.cidr ?? '')).toBe(true)
      }
    }
  })
})
