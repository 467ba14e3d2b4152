import { describe, expect, test } from 'vitest'
import { type Loose, objectsIn, render, scenarios, valuesOf } from '../chart/a-chart.ts'

/** What `helm test` makes, with these additions to a scenario. */
async function testObjects(scenario: string, tests: object = {}): Promise<readonly Loose[]> {
  const objects = objectsIn(await render({ ...(await valuesOf(scenario)), tests }))
  return objects.filter(({ metadata }) => metadata.name?.includes('doctor'))
}

const podOf = (objects: readonly Loose[]): Loose => objects.find(({ kind }) => kind === 'Pod')
const kinds = (objects: readonly Loose[]): readonly string[] => objects.map(({ kind }) => kind).sort()

describe('the doctor of helm test', async () => {
  const found = await scenarios()

  test.each(found)('$name: is nothing that an install leaves, and sees no private key', async ({ name }) => {
    const objects = await testObjects(name)
    expect(objects.map(({ metadata }) => metadata.annotations['helm.sh/hook'])).toEqual(objects.map(() => 'test'))
    const { volumes } = podOf(objects).spec
    const ours = volumes.filter((each: Loose) => ['keys', 'server'].includes(each.name))
    expect(ours.length).toBeGreaterThan(0)
    for (const { secret } of ours) {
      expect(secret.items).toHaveLength(1)
      expect(secret.items[0].key).not.toMatch(/sign|tls\.key/)
    }
  })

  test('may list who is bound to what and what judges leases, and ask what somebody may: nothing else', async () => {
    const roles = (await testObjects('minimal')).filter(({ kind }) => kind === 'ClusterRole')
    expect(roles.map(({ rules }) => rules)).toEqual([
      [
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
          verbs: ['list'],
        },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
          verbs: ['list'],
        },
        { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
      ],
    ])
  })

  test.each([
    { name: 'where the boundary is in front of another cluster', scenario: 'api-server-by-address', tests: {} },
    { name: 'where it shall not look at the cluster', scenario: 'minimal', tests: { cluster: 'never' } },
  ])('$name has no right and no token', async ({ scenario, tests }) => {
    const objects = await testObjects(scenario, tests)
    expect(kinds(objects)).toEqual(['NetworkPolicy', 'NetworkPolicy', 'Pod', 'ServiceAccount'])
    const { automountServiceAccountToken, containers } = podOf(objects).spec
    expect(automountServiceAccountToken).toBe(false)
    expect(containers[0].args).toEqual(['doctor', '--envoy-config', '/etc/envoy/envoy.json'])
  })

  test('goes by the name and the CA that it is told of', async () => {
    const { spec } = podOf(await testObjects('minimal', { host: 'agents.corp.example', publicCa: true, strict: true }))
    const env = Object.fromEntries(spec.containers[0].env.map(({ name, value }: Loose) => [name, value]))
    expect(env).toMatchObject({
      LEASEGATE_BOUNDARY_URL: 'https://agents.corp.example:443',
      LEASEGATE_BROKER_URL: 'https://agents.corp.example:8443',
    })
    expect(Object.keys(env).filter(name => /BOUNDARY_CA|BROKER_CA/.test(name))).toEqual([])
    expect(spec.containers[0].args).toContain('--strict')
  })

  test('is not there where it is not wanted', async () => {
    expect(await testObjects('minimal', { enabled: false })).toEqual([])
  })
})
