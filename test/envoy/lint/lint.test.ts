import { beforeAll, describe, expect, test } from 'vitest'
import { lintEnvoy } from '../../../envoy/lint/lint.ts'
import { isSafeVersion } from '../../../envoy/lint/version.ts'
import { renderEnvoy } from '../../../envoy/render.ts'
import { type EnvoySettings, type Part, socket } from '../../../envoy/settings.ts'
import { run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { CHECK } from './check.ts'
import { LIMITS } from './limits.ts'
import { REACH } from './reach.ts'
import { RECORDING } from './recording.ts'
import { ROUTES } from './routes.ts'
import { RUNTIME } from './runtime.ts'
import { clusterOf, type Spoiling, tlsOf } from './spoilt.ts'

const LISTENER = { address: '127.0.0.1', port: 7443 }
const SETTINGS: EnvoySettings = {
  boundary: LISTENER,
  broker: { ...LISTENER, port: 7444 },
  serverSecretFile: '/server.json',
  apiServer: {
    host: '10.0.0.1',
    port: 6443,
    certificateName: 'kube',
    caFile: '/ca.crt',
    credential: 'token',
    secretFile: '/s.json',
  },
  authorizers: [socket('/run/a0.sock'), socket('/run/a1.sock')],
  tap: socket('/run/tap.sock'),
  brokerPart: socket('/run/broker.sock'),
  adminSocket: '/run/admin.sock',
}

const remote = (component: string): Part => ({
  kind: 'tcp',
  host: `leasegate-${component}`,
  port: 9001,
  tls: { certificateName: `${component}.leasegate.internal`, caFile: '/parts/ca.crt', clientSecretFile: '/parts.json' },
})
const REMOTE: EnvoySettings = {
  ...SETTINGS,
  authorizers: [remote('authorizer')],
  tap: remote('tap'),
  brokerPart: remote('broker'),
}

const RECORDED: EnvoySettings = { ...SETTINGS, recorder: socket('/run/recorder.sock') }

describe('lintEnvoy', () => {
  let rendered: string

  beforeAll(() => {
    rendered = renderEnvoy(SETTINGS)
  })

  test.each([
    { name: 'an address', settings: SETTINGS },
    { name: 'a name', settings: { ...SETTINGS, apiServer: { ...SETTINGS.apiServer, host: 'kube.example' } } },
    {
      name: 'a certificate',
      settings: { ...SETTINGS, apiServer: { ...SETTINGS.apiServer, credential: 'certificate' as const } },
    },
    { name: 'parts on other machines', settings: REMOTE },
    { name: 'client certificates', settings: { ...SETTINGS, clientCertificates: true } },
    { name: 'a recorder', settings: RECORDED },
    { name: 'a recorder on another machine', settings: { ...REMOTE, recorder: remote('tap') } },
    { name: 'one authorizer', settings: { ...SETTINGS, authorizers: [socket('/run/a0.sock')] } },
  ])('finds nothing in what is rendered for $name', ({ settings }) => {
    expect(lintEnvoy(renderEnvoy(settings))).toEqual([])
  })

  test.each<Spoiling>([
    {
      name: 'an authorizer of any name',
      spoil: c => {
        tlsOf(c, 'authorizers').validation_context.match_typed_subject_alt_names[0].matcher.exact =
          'tap.leasegate.internal'
      },
      says: /authorizers must be sockets, or have certificates of authorizer\.leasegate\.internal/,
    },
    {
      name: 'an authorizer without TLS',
      spoil: c => delete clusterOf(c, 'authorizers').transport_socket,
      says: /authorizers must be sockets, or have certificates/,
    },
    {
      name: 'a tap that anybody may talk to',
      spoil: c => delete tlsOf(c, 'tap').tls_certificate_sds_secret_configs,
      says: /tap must be shown a certificate/,
    },
    {
      name: 'authorizers that could be spoken to in an old TLS',
      spoil: c => (tlsOf(c, 'authorizers').tls_params.tls_minimum_protocol_version = 'TLSv1_1'),
      says: /cluster authorizers: TLS/,
    },
    {
      name: 'a broker of any authority',
      spoil: c => delete tlsOf(c, 'broker').validation_context.trusted_ca,
      says: /cluster broker: TLS/,
    },
    {
      name: 'authorizers on other machines that nobody watches',
      spoil: c => delete clusterOf(c, 'authorizers').health_checks,
      says: /authorizers must be checked for health/,
    },
  ])('finds $name where the parts are on other machines', ({ spoil, says }) => {
    const config = JSON.parse(renderEnvoy(REMOTE))
    spoil(config)
    expect(lintEnvoy(JSON.stringify(config)).join('\n')).toMatch(says)
  })

  test.each(RECORDING)('finds $name where sessions are recorded', ({ spoil, says }) => {
    const config = JSON.parse(renderEnvoy(RECORDED))
    spoil(config)
    expect(lintEnvoy(JSON.stringify(config)).join('\n')).toMatch(says)
  })

  test.each([...CHECK, ...ROUTES, ...REACH, ...RUNTIME, ...LIMITS])('finds $name', ({ spoil, says }) => {
    const config = JSON.parse(rendered)
    spoil(config)
    expect(lintEnvoy(JSON.stringify(config)).join('\n')).toMatch(says)
  })
})

describe('isSafeVersion', () => {
  test.each(['1.38.5', '1.39.1', '1.40.0', '1.41.0', '2.0.0', 'envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL'])(
    '%s is',
    version => expect(isSafeVersion(version)).toBe(true),
  )

  test.each(['1.38.4', '1.39.0', '1.37.11', '0.99.0', '', '1.40', 'x1.40.0', '1.40.0-dev'])('%j is not', version =>
    expect(isSafeVersion(version)).toBe(false),
  )

  test('the Envoy of the toolchain is', async () => {
    const { envoy } = await ensureToolchain(() => undefined)
    const { stdout } = await run(envoy, ['--version'])
    expect(isSafeVersion(stdout)).toBe(true)
  })
})
