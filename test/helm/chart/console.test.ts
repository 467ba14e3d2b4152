import { describe, expect, test } from 'vitest'
import { readConfig } from '../../../src/config/read-config.ts'
import { AUTHORIZER_SETTINGS, BROKER_SETTINGS } from '../../../src/config/roles.ts'
import { envOf, type Loose, named, render, rendered, specOf, valuesOf } from './a-chart.ts'

describe('a console', () => {
  test('that nobody wants is nowhere', async () => {
    expect(await render(await valuesOf('minimal'))).not.toMatch(/LEASEGATE_CONSOLE/)
  })

  test('is served by the broker at its address, with the issuer, client and CA that people sign in with', async () => {
    const objects = await rendered('console')
    const broker = named(objects, 'Deployment', 'lg-leasegate-broker')
    const read = readConfig(envOf(broker), BROKER_SETTINGS)
    if (read.kind !== 'ok') throw new Error(read.problems.join())
    const { consoleUrl, ...config } = read.config
    expect(String(consoleUrl)).toMatch(/^https:\/\/leasegate\.corp\.example:8443\/?$/)
    expect(config).toMatchObject({
      consoleClientId: 'leasegate',
      consoleScopes: 'openid profile email',
      consoleClientSecretFile: '/etc/leasegate/console/client-secret',
      consoleIssuerCaFile: '/etc/leasegate/policy/login-ca.pem',
      consoleSession: 8 * 3_600_000,
    })
    expect(String(config.consoleIssuer)).toContain('https://login.corp.example')
    const volumes = Object.fromEntries(specOf(broker).volumes.map(({ name, ...volume }: Loose) => [name, volume]))
    const mounts: readonly Loose[] = specOf(broker).containers[0].volumeMounts
    const at = (path: string) => volumes[mounts.find(({ mountPath }) => mountPath === path)?.name]
    expect(at('/etc/leasegate/console')?.secret?.secretName).toBe('leasegate-console')
    expect(JSON.stringify(at('/etc/leasegate/policy'))).toContain('lg-leasegate-policy')
    const policy = named(objects, 'ConfigMap', 'lg-leasegate-policy')
    expect(policy.data['login-ca.pem']).toContain('BEGIN CERTIFICATE')
  })

  test('is named in what agents are told: the authorizer knows the address that approvers go to', async () => {
    const objects = await rendered('console')
    const read = readConfig(envOf(named(objects, 'Deployment', 'lg-leasegate-authorizer')), AUTHORIZER_SETTINGS)
    if (read.kind !== 'ok') throw new Error(read.problems.join())
    expect(String(read.config.consoleUrl)).toMatch(/^https:\/\/leasegate\.corp\.example:8443\/?$/)
  })

  test('can have a name of its own, with a public client', async () => {
    const { console } = await valuesOf('console')
    const own = { ...console, url: 'https://console.corp.example', existingClientSecret: { name: '' }, idle: '15m' }
    const tls = { hosts: ['leasegate.corp.example', 'console.corp.example'] }
    const broker = named(await rendered('console', { console: own, tls }), 'Deployment', 'lg-leasegate-broker')
    const env = envOf(broker)
    expect([env.LEASEGATE_CONSOLE_URL, env.LEASEGATE_CONSOLE_IDLE]).toEqual(['https://console.corp.example', '15m'])
    expect(env).not.toHaveProperty('LEASEGATE_CONSOLE_CLIENT_SECRET_FILE')
    expect(specOf(broker).containers[0].volumeMounts).not.toContainEqual(
      expect.objectContaining({ mountPath: '/etc/leasegate/console' }),
    )
  })
})
