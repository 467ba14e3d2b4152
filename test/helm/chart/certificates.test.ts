import { isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Loose, objectsIn, render, valuesOf } from './a-chart.ts'

const HOSTS = ['boundary.corp.example', '203.0.113.10', '2001:db8::7']

async function certificates(scenario: string, change: Loose = {}): Promise<Readonly<Record<string, Loose>>> {
  const values = await valuesOf(scenario)
  const { certManager = {}, ...tls } = change
  const merged = { ...values.tls, ...tls, certManager: { ...values.tls.certManager, ...certManager } }
  const objects = objectsIn(await render({ ...values, tls: merged }))
  const found = objects.filter(({ kind }) => kind === 'Certificate')
  return Object.fromEntries(found.map(({ metadata, spec }) => [metadata.name.replace('lg-leasegate-', ''), spec]))
}

describe('certificates of cert-manager', () => {
  test('have names and addresses each in their place', async () => {
    const { 'server-tls': server } = await certificates('cert-manager', { hosts: HOSTS })
    expect(server.ipAddresses).toEqual(['203.0.113.10', '2001:db8::7'])
    expect(server.dnsNames).toContain('boundary.corp.example')
    expect(server.dnsNames.filter((name: string) => isIP(name) !== 0)).toEqual([])
  })

  test('a public issuer is asked for public names alone', async () => {
    const issued = await certificates('cert-manager-issuer')
    expect(issued['server-tls'].dnsNames).toEqual(['boundary.corp.example'])
    expect(issued['server-tls'].issuerRef.name).toBe('corp')
    expect(Object.values(issued).filter(({ issuerRef }) => issuerRef.name === 'corp')).toHaveLength(1)
  })

  test('an internal issuer is asked for the names of the Service too, where somebody says that it signs them', async () => {
    const { 'server-tls': server } = await certificates('cert-manager-issuer', { certManager: { serviceNames: true } })
    expect(server.dnsNames).toEqual(
      expect.arrayContaining(['boundary.corp.example', 'lg-leasegate-envoy.leasegate-system.svc']),
    )
  })

  test('are each for one use, and the authority signs and does nothing else', async () => {
    const { ca, ...leaves } = await certificates('cert-manager')
    expect(ca).toMatchObject({ isCA: true, usages: ['cert sign', 'crl sign'] })
    for (const [name, { usages }] of Object.entries(leaves)) {
      expect(usages).toEqual(['digital signature', name === 'envoy-tls' ? 'client auth' : 'server auth'])
    }
  })
})

test('the doctor, agents and the certificate agree on a name', async () => {
  const values = await valuesOf('cert-manager-issuer')
  const objects = objectsIn(
    await render({ ...values, networkPolicy: { agentNamespaces: ['agents'] }, clusterName: 'prod-eu-1' }),
  )
  const { env } = objects.find(({ kind }) => kind === 'Pod').spec.containers[0]
  expect(env).toContainEqual({ name: 'LEASEGATE_BOUNDARY_URL', value: 'https://boundary.corp.example:443' })
  const { data } = objects.find(({ metadata }) => metadata.name === 'lg-leasegate-client.leasegate-system')
  expect(data).toEqual({
    LEASEGATE_BOUNDARY_URL: 'https://boundary.corp.example:443',
    LEASEGATE_BROKER_URL: 'https://boundary.corp.example:8443',
    LEASEGATE_CLUSTER_NAME: 'prod-eu-1',
  })
})
