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

  test('leaves agents a way to names and to Envoy, and no other', async () => {
    const objects = objectsIn(await render(await valuesOf('networks')))
    const ours = objects.filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && /^lg-leasegate-agents\b/.test(metadata.name),
    )
    expect(ours.map(({ metadata }) => metadata.namespace)).toEqual(['agents', 'agents-batch'])
    for (const { spec } of ours) {
      expect(spec.podSelector).toEqual({})
      const ports = spec.egress.flatMap((rule: Loose) => rule.ports.map(({ port }: Loose) => port))
      expect(ports).toEqual([53, 53, 5353, 5353, 'boundary', 'broker'])
      expect(spec.egress.every(({ to = [] }: Loose) => to.length > 0)).toBe(true)
    }
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
        const isPod = Object.keys(podSelector?.matchLabels ?? {}).length > 0 && namespaceSelector?.matchLabels
        expect(Boolean(isPod) !== /\/32$/.test(ipBlock?.cidr ?? '')).toBe(true)
      }
    }
  })
})
