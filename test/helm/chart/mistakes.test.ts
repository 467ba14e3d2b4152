import { describe, expect, test } from 'vitest'
import { CHART, helm, type Loose, NAMESPACE, valuesOf } from './a-chart.ts'

async function said(spoil: (values: Loose) => void, scenario = 'minimal'): Promise<string> {
  const values = await valuesOf(scenario)
  spoil(values)
  const { code, stderr } = await helm(['template', 'lg', CHART, '--namespace', NAMESPACE], values)
  expect(code).toBe(1)
  return stderr
}

describe('what cannot be a value', () => {
  test.each([
    { name: 'a name that is no value', spoil: (v: Loose) => (v.evnoy = {}), says: /'evnoy' not allowed/ },
    { name: 'one further down', spoil: (v: Loose) => (v.redis.password = 'x'), says: /'password' not allowed/ },
    {
      name: 'text for a number',
      spoil: (v: Loose) => (v.broker = { replicas: 'two' }),
      says: /'\/broker\/replicas'.*integer/,
    },
    { name: 'a mode that is none', spoil: (v: Loose) => (v.tls = { mode: 'acme' }), says: /'\/tls\/mode'/ },
    {
      name: 'a rule of inputs that is none',
      spoil: (v: Loose) => (v.sessions = { inputs: 'hidden' }),
      says: /'\/sessions\/inputs'/,
    },
    {
      name: 'more replicas than a store has',
      spoil: (v: Loose) => (v.redis.durableReplicas = 6),
      says: /'\/redis\/durableReplicas'/,
    },
    {
      name: 'a digest that is none',
      spoil: (v: Loose) => (v.image = { digest: 'sha256:1' }),
      says: /'\/image\/digest'/,
    },
    {
      name: 'a duration that is none',
      spoil: (v: Loose) => (v.keys = { leaseTokenTtl: '5 minutes' }),
      says: /'\/keys\/leaseTokenTtl'/,
    },
    {
      name: 'a password in the address of Redis',
      spoil: (v: Loose) => (v.redis.url = 'redis://:hunter2@redis:6379'),
      says: /'\/redis\/url'/,
    },
    {
      name: 'a password in the address of ClickHouse',
      spoil: (v: Loose) => (v.clickhouse.url = 'http://u:hunter2@ch:8123'),
      says: /'\/clickhouse\/url'/,
    },
  ])('$name is refused by the schema', async ({ spoil, says }) => {
    expect(await said(spoil)).toMatch(says)
  })
})

describe('what contradicts itself', () => {
  test.each([
    {
      name: 'no store',
      spoil: (v: Loose) => delete v.redis,
      says: ['redis.url is missing (or, to try it out, embedded.enabled)'],
    },
    {
      name: 'sentinels, and a place where they are not needed',
      spoil: (v: Loose) => (v.redis.sentinel = { addresses: ['sentinel.data.svc'] }),
      says: ['redis.url must be the name of the primary without a port'],
    },
    {
      name: 'sentinels that anybody may speak for, of a store that any authority may vouch for',
      spoil: (v: Loose) =>
        Object.assign(v.redis, {
          url: 'rediss://mymaster',
          ca: {},
          sentinel: { addresses: ['s.data.svc'], tls: 'no' },
        }),
      says: ['redis.ca is missing: with redis.sentinel.tls no'],
    },
    {
      name: 'a cluster with what it has not',
      spoil: (v: Loose) =>
        Object.assign(v.redis, {
          url: 'rediss://mymaster/1',
          cluster: true,
          sentinel: { addresses: ['s.data.svc'] },
        }),
      says: ['redis.cluster or redis.sentinel.addresses, not both', 'redis.url must name no database'],
    },
    {
      name: 'a password of no sentinel',
      spoil: (v: Loose) => (v.redis.sentinel = { existingSecret: { name: 'x' }, ca: { name: 'y' }, tls: 'no' }),
      says: ['redis.sentinel.addresses is missing', 'redis.sentinel: ca or tls no, not both'],
    },
    {
      name: 'a console that nobody can sign in to',
      spoil: (v: Loose) => (v.console = { url: 'https://leasegate.corp.example' }),
      says: ['console.issuer is missing'],
    },
    {
      name: 'people who are told with a token that is nowhere',
      spoil: (v: Loose) => (v.policy.inline.notify = { receivers: [] }),
      says: ['notify.existingSecret.name is missing'],
    },
    {
      name: 'tickets that are asked about with a secret that is nowhere',
      spoil: (v: Loose) => (v.policy.inline.tickets = { url: 'https://tickets.corp.example', secretFile: '/x' }),
      says: ['notify.existingSecret.name is missing'],
    },
    {
      name: 'authorities of certificates that nobody is asked for',
      spoil: (v: Loose) => (v.policy.inline.certificateAuthorities = [{ name: 'mesh', file: 'x' }]),
      says: ['clientCertificates.enabled is missing'],
    },
    {
      name: 'a webhook that nobody could believe',
      spoil: (v: Loose) => (v.webhook = { url: 'https://hooks.corp.example/leasegate' }),
      says: ['webhook.existingSecret.name is missing'],
    },
    { name: 'no database', spoil: (v: Loose) => delete v.clickhouse, says: ['clickhouse.url is missing'] },
    {
      name: 'no policy',
      spoil: (v: Loose) => delete v.policy,
      says: ['policy.inline.issuers is missing', 'policy.inline.agents', 'policy.inline.templates'],
    },
    {
      name: 'a grant to nobody',
      spoil: (v: Loose) => (v.policy.inline.templates[0].grants[0].agent = 'deployr'),
      says: ['templates[0] grants to "deployr", which is no agent'],
    },
    {
      name: 'another namespace as ours',
      spoil: (v: Loose) => (v.policy.inline.boundaryNamespace = 'other'),
      says: [`boundaryNamespace is other, but Leasegate is installed in ${NAMESPACE}`],
    },
    {
      name: 'a policy twice',
      spoil: (v: Loose) => (v.policy.existingConfigMap = { name: 'x' }),
      says: ['inline or existingConfigMap, not both', 'rbac.policy is missing'],
    },
    {
      name: 'marks in the wrong order',
      spoil: (v: Loose) => (v.redis.journalHardLimit = 400_000),
      says: ['redis.journalHardLimit must be above'],
    },
    {
      name: 'certificates that are nowhere',
      spoil: (v: Loose) => (v.tls = { mode: 'existingSecrets' }),
      says: ['server', 'envoy', 'authorizer', 'tap', 'broker'].map(part => `tls.existingSecrets.${part} is missing`),
    },
    {
      name: 'a drain longer than the pod may take',
      spoil: (v: Loose) => (v.envoy = { drainSeconds: 55 }),
      says: ['envoy.terminationGracePeriodSeconds must be at least 10 above'],
    },
    {
      name: 'everything counted twice',
      spoil: (v: Loose) => (v.metrics = { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }),
      says: ['serviceMonitor or podMonitor, not both'],
    },
    {
      name: 'an image that nobody has published',
      spoil: (v: Loose) => delete v.image,
      says: ['image.repository is missing: no image is published under a name of ours'],
    },
    {
      name: 'a load balancer whose clients nobody lets in',
      spoil: (v: Loose) => (v.envoy = { service: { type: 'LoadBalancer' } }),
      says: ['networkPolicy.clientNetworks is missing: envoy.service.type is LoadBalancer, and nothing from outside'],
    },
    {
      name: 'a way for agents to anywhere, with an API server that could be there',
      spoil: (v: Loose) => (v.networkPolicy = { agentEgress: { networks: ['0.0.0.0/0'] } }),
      says: ['apiServer.networks is missing: networkPolicy.agentEgress.networks would let agents reach the API server'],
    },
    {
      name: 'a way for agents to the API server itself',
      spoil: (v: Loose) => {
        v.apiServer = { networks: ['10.0.0.0/24', '10.1.2.3/32'] }
        v.networkPolicy = { agentEgress: { networks: ['10.0.0.128/25', '10.1.2.3/32', '10.2.0.0/16'] } }
      },
      says: ['10.0.0.128/25 lies within 10.0.0.0/24 of apiServer.networks', '10.1.2.3/32 lies within 10.1.2.3/32'],
    },
    {
      name: 'a way for agents to a family of addresses that the API server is not named in',
      spoil: (v: Loose) => {
        v.apiServer = { networks: ['10.0.0.1/32'] }
        v.networkPolicy = { agentEgress: { networks: ['10.3.0.0/16', '::/0'] } }
      },
      says: ['apiServer.networks has none of IPv6, and networkPolicy.agentEgress.networks has'],
    },
    {
      name: 'the same the other way round',
      spoil: (v: Loose) => {
        v.apiServer = { networks: ['fd00::1/128'] }
        v.networkPolicy = { agentEgress: { networks: ['0.0.0.0/0'] } }
      },
      says: ['apiServer.networks has none of IPv4'],
    },
    ...[{}, { namespaceSelector: {} }, { podSelector: {}, namespaceSelector: { matchLabels: {} } }].map(peer => ({
      name: `a way for agents to every pod: ${JSON.stringify(peer)}`,
      spoil: (v: Loose) => (v.networkPolicy = { agentEgress: { pods: [peer] } }),
      says: ['a peer that names neither pods nor namespaces by a label is every pod'],
    })),
    {
      name: 'names that are resolved anywhere',
      spoil: (v: Loose) => (v.networkPolicy = { dns: { pods: [], networks: [] } }),
      says: ['networkPolicy.dns: pods or networks is missing'],
    },
    ...['app.kubernetes.io/component', 'app.kubernetes.io/name', 'helm.sh/chart'].map(label => ({
      name: `a label of its own for all: ${label}`,
      spoil: (v: Loose) => (v.commonLabels = { [label]: 'x', team: 'platform' }),
      says: [`commonLabels: ${label} is the chart's own`],
    })),
    {
      name: 'a file of an authority that is nowhere',
      spoil: (v: Loose) => {
        v.clientCertificates = { enabled: true }
        v.policy.inline.certificateAuthorities = [{ name: 'mesh', file: 'mesh.pem' }]
      },
      says: ['policy.files has no "mesh.pem", which certificate authority mesh names as file'],
    },
    ...['1m', '51s', '1h', '2d'].map(drainLimit => ({
      name: `an authorizer that drains for ${drainLimit} and is killed after a minute`,
      spoil: (v: Loose) => (v.authorizer = { drainLimit, terminationGracePeriodSeconds: 60 }),
      says: ['authorizer.terminationGracePeriodSeconds must be at least 10 above'],
    })),
    {
      name: 'a file of the policy that is nowhere',
      spoil: (v: Loose) => (v.policy.inline.issuers[0].jwks = { file: 'corp.json' }),
      says: ['policy.files has no "corp.json", which issuer corp names as jwks.file'],
    },
    {
      name: 'a CA of an issuer that is nowhere',
      spoil: (v: Loose) => (v.policy.inline.issuers[0].jwks.caFile = 'corp.pem'),
      says: ['policy.files has no "corp.pem", which issuer corp names as jwks.caFile'],
    },
    {
      name: 'a public issuer that would be asked for nothing',
      spoil: (v: Loose) => (v.tls = { mode: 'certManager', certManager: { issuerRef: { name: 'letsencrypt' } } }),
      says: ['tls.hosts is missing'],
    },
    {
      name: 'a broker that is killed while it is still asked',
      spoil: (v: Loose) => (v.broker = { terminationGracePeriodSeconds: 20 }),
      says: ['broker.terminationGracePeriodSeconds must be at least 50'],
    },
    {
      name: 'an authorizer that is killed before its streams have ended',
      spoil: (v: Loose) => (v.authorizer = { terminationGracePeriodSeconds: 50 }),
      says: ['authorizer.terminationGracePeriodSeconds must be at least 10 above'],
    },
    {
      name: 'agents beside the boundary',
      spoil: (v: Loose) => (v.networkPolicy = { agentNamespaces: [NAMESPACE] }),
      says: ["agents must not live in Leasegate's own namespace"],
    },
    {
      name: 'keys of sessions in two places',
      spoil: (v: Loose) => (v.sessions = { enabled: true, keyCommand: '/wrap', existingSecret: { name: 'keys' } }),
      says: ['sessions: existingSecret or keyCommand, not both'],
    },
    {
      name: 'keys of sessions under no name',
      spoil: (v: Loose) => (v.sessions = { enabled: true, existingSecret: { name: 'keys', key: '' } }),
      says: ['sessions.existingSecret.key is missing'],
    },
    {
      name: 'keys that sign leases as those of sessions',
      spoil: (v: Loose) => (v.sessions = { enabled: true, existingSecret: { name: 'lg-leasegate-keys' } }),
      says: ['sessions.existingSecret.name is lg-leasegate-keys, which the job makes, with keys that sign leases'],
    },
    {
      name: 'a volume that is full before the spool is',
      spoil: (v: Loose) => (v.sessions = { enabled: true, spool: { mib: 2048 } }),
      says: ['sessions.spool.storage must be above sessions.spool.mib: a volume of 2Gi is full', 'at 2048 MiB'],
    },
    {
      name: 'a spool that leaves no room for the record beside it',
      spoil: (v: Loose) => {
        v.embedded = { enabled: true, clickhouse: { storage: '3Gi' } }
        v.sessions = { enabled: true, spool: { mib: 2048 } }
      },
      says: ['sessions.spool.mib must be at most half of embedded.clickhouse.storage', '2048 MiB of 3Gi'],
    },
    {
      name: 'sessions without a record',
      spoil: (v: Loose) => {
        delete v.clickhouse
        v.sessions = { enabled: true }
      },
      says: ['clickhouse.url is missing'],
    },
    {
      name: 'replicas of a store that has none',
      spoil: (v: Loose) => {
        v.embedded = { enabled: true }
        v.redis.durableReplicas = 1
      },
      says: ['redis.durableReplicas must be 0 with embedded.enabled'],
    },
    {
      name: 'several mistakes, all at once',
      spoil: (v: Loose) => {
        delete v.redis
        delete v.policy.inline.agents
      },
      says: ['redis.url is missing', 'policy.inline.agents is missing'],
    },
  ])('$name is refused in words', async ({ spoil, says }) => {
    const text = await said(spoil)
    expect(text).not.toContain('10.2.0.0/16')
    for (const each of says) expect(text).toContain(each)
  })
})
