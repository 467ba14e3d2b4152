import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { renderEnvoy } from '../../../envoy/render.ts'
import { renderCertificateSecret, renderTokenSecret } from '../../../envoy/secrets.ts'
import { type EnvoySettings, socket } from '../../../envoy/settings.ts'
import { createAuthority } from '../../../local/pki.ts'
import { run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { ROUTE_CLASSES } from '../../../src/request/http-request.ts'

let directory: string
let settings: EnvoySettings
let rendered: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-envoy-'))
  const authority = await createAuthority(directory)
  const server = await authority.issue({ name: 'server', subject: 'CN=x', servedAs: ['localhost'] })
  const secretFile = join(directory, 'secret.json')
  await writeFile(join(directory, 'token'), 'token')
  await writeFile(secretFile, renderTokenSecret(join(directory, 'token')))
  const serverSecretFile = join(directory, 'server.json')
  await writeFile(serverSecretFile, renderCertificateSecret(server))
  settings = {
    boundary: { address: '127.0.0.1', port: 7443 },
    broker: { address: '127.0.0.1', port: 7444 },
    serverSecretFile,
    apiServer: {
      host: 'kubernetes.example',
      port: 6443,
      certificateName: 'kubernetes.example',
      caFile: authority.caFile,
      credential: 'token',
      secretFile,
    },
    authorizers: [socket(join(directory, 'a0.sock')), socket(join(directory, 'a1.sock'))],
    tap: socket(join(directory, 'tap.sock')),
    brokerPart: socket(join(directory, 'broker.sock')),
    adminSocket: join(directory, 'admin.sock'),
  }
  rendered = renderEnvoy(settings)
})

interface Manager {
  readonly http_filters: readonly {
    readonly name: string
    readonly disabled?: boolean
    readonly typed_config: Record<string, unknown>
  }[]
  readonly normalize_path?: boolean
  readonly preserve_external_request_id: boolean
  readonly route_config: {
    readonly virtual_hosts: readonly { readonly domains: readonly string[]; readonly routes: readonly Route[] }[]
  }
}

interface Route {
  readonly match: Record<string, unknown>
  readonly route?: { readonly cluster: string }
  readonly typed_per_filter_config?: Record<
    string,
    { check_settings?: { context_extensions?: { route?: string }; disabled?: boolean } }
  >
}

function managers(): Readonly<Record<string, Manager>> {
  const { static_resources } = JSON.parse(rendered)
  return Object.fromEntries(
    static_resources.listeners.map(
      (listener: { name: string; filter_chains: [{ filters: [{ typed_config: Manager }] }] }) => [
        listener.name,
        listener.filter_chains[0].filters[0].typed_config,
      ],
    ),
  )
}

describe('renderEnvoy', () => {
  test.each(['token', 'certificate'] as const)('Envoy takes it, with a %s for the API server', async credential => {
    const { envoy } = await ensureToolchain(() => undefined)
    const file = join(directory, `${credential}.json`)
    await writeFile(file, renderEnvoy({ ...settings, apiServer: { ...settings.apiServer, credential } }))
    const { code, stderr } = await run(envoy, ['--mode', 'validate', '-c', file, '--log-level', 'error'])
    expect(`${code} ${stderr}`).toMatch(/^0 /)
  })

  test('asks, holds the cut, replaces the identity, guards, and only then adds the credential', () => {
    const filters = managers()['boundary']?.http_filters ?? []
    expect(filters.map(({ name }) => name)).toEqual([
      'head',
      'envoy.filters.http.ext_authz',
      'cut',
      'tunnel',
      'identity',
      'guard',
      'credential',
      'envoy.filters.http.router',
    ])
    for (const check of filters.slice(0, 2)) {
      expect(check.typed_config).toMatchObject({
        failure_mode_allow: false,
        encode_raw_headers: true,
        validate_mutations: true,
      })
      expect(check.typed_config).not.toHaveProperty('shadow_mode')
    }
    expect(filters.filter(({ disabled }) => disabled).map(({ name }) => name)).toEqual(['head', 'cut', 'tunnel'])
    expect(filters[2]?.typed_config).toMatchObject({
      failure_mode_allow: false,
      mutation_rules: { disallow_all: true },
    })
  })

  test('every route of the boundary that leads anywhere names its class, none switches the check off, the last one takes all', () => {
    const [host] = managers()['boundary']?.route_config.virtual_hosts ?? []
    const leading = host?.routes.filter(({ route }) => route !== undefined)
    const settings = leading?.map(
      ({ typed_per_filter_config: of }) => of?.['envoy.filters.http.ext_authz']?.check_settings,
    )
    expect(settings?.map(each => each?.context_extensions?.route)).toEqual(expect.arrayContaining([...ROUTE_CLASSES]))
    expect(settings?.every(each => ROUTE_CLASSES.some(route => route === each?.context_extensions?.route))).toBe(true)
    expect(rendered).not.toMatch(/"disabled": true,\s*"check_settings"/)
    expect(host?.domains).toEqual(['*'])
    expect(host?.routes.at(-1)?.match).toEqual({ prefix: '/' })
  })

  test('streams can be cut, short requests need not', () => {
    const [host] = managers()['boundary']?.route_config.virtual_hosts ?? []
    for (const { typed_per_filter_config: of } of host?.routes ?? []) {
      const route = of?.['envoy.filters.http.ext_authz']?.check_settings?.context_extensions?.route
      expect(Object.hasOwn(of ?? {}, 'cut')).toBe(route === 'stream' || route === 'upgrade' || route === 'session')
    }
  })

  test('the broker has neither credential nor identity, and another upstream', () => {
    const { broker, boundary } = managers()
    expect(broker?.http_filters.map(({ name }) => name)).toEqual(['envoy.filters.http.router'])
    const upstreams = (manager?: Manager) =>
      new Set(
        manager?.route_config.virtual_hosts.flatMap(({ routes }) =>
          routes.flatMap(({ route }) => route?.cluster ?? []),
        ),
      )
    expect(upstreams(broker)).toEqual(new Set(['broker']))
    expect(upstreams(boundary)).toEqual(new Set(['api_server', 'api_server_upgrades']))
  })

  test('paths go on as they came, request ids are ours', () => {
    expect(managers()['boundary']).toMatchObject({ normalize_path: false, preserve_external_request_id: false })
  })
})
