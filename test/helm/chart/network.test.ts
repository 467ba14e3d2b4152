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
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'lg-leasegate-agents',
    )
    expect(ours.map(({ metadata }) => metadata.namespace)).toEqual(['agents', 'agents-batch'])
    for (const { spec } of ours) {
      expect(spec.podSelector).toEqual({})
      const ports = spec.egress.flatMap((rule: Loose) => rule.ports.map(({ port }: Loose) => port))
      expect(ports).toEqual([53, 53, 'boundary', 'broker'])
      expect(spec.egress.every(({ to = [] }: Loose) => to.length > 0)).toBe(true)
    }
  })
})
