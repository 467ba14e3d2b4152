import { describe, expect, test } from 'vitest'
import { CHART, helm, type Loose, NAMESPACE, RELEASE, valuesOf } from '../chart/a-chart.ts'
import { world } from './the-cluster.ts'

/** What whoever only renders applies: no release, always revision 1, and tests left out. */
async function manifest(namespace: string, change: Loose): Promise<string> {
  const values = await valuesOf('minimal')
  const more = ['--namespace', namespace, '--kube-version', '1.36.0', '--skip-tests']
  const given = { ...values, ...change, image: { ...values.image, ...change.image } }
  const { code, stdout, stderr } = await helm(['template', RELEASE, CHART, ...more], given)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const HOW = {
  // The set of objects, annotations and all, as kubectl and Argo CD apply it.
  'client-side': [],
  // As Flux does, and Argo CD when it is told to.
  'server-side': ['--server-side', '--force-conflicts', '--field-manager=gitops'],
} as const

describe.each([
  { how: 'client-side', hooks: true },
  { how: 'server-side', hooks: false },
] as const)('rendered and applied $how, with jobs.hooks $hooks', ({ how, hooks }) => {
  const apply = async (change: Loose) => {
    const text = await manifest(NAMESPACE, { ...change, jobs: { hooks } })
    const { code, stderr } = await world.cluster.admin(['apply', ...HOW[how], '-f', '-'], text)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  }

  test('takes one version after the other, with another host and another policy', async () => {
    const { policy } = await valuesOf('minimal')
    policy.inline.templates[0].maxTtl = '10m'
    await apply({ image: { tag: 'a' } })
    await apply({ image: { tag: 'b' }, tls: { hosts: ['new.example'] }, policy })
    const images = (await world.all('deployments')).flatMap(({ spec }) => spec.template.spec.containers)
    expect(images.filter(({ image }: Loose) => /leasegate\/leasegate:b$/.test(image)).length).toBeGreaterThanOrEqual(4)
  }, 180_000)
})

describe('two of one name in one cluster', () => {
  test('each keep their rights when the other goes', async () => {
    const there = async () =>
      (await world.all('clusterroles', 'clusterrolebindings', 'validatingadmissionpolicies')).map(
        ({ kind, metadata }) => `${kind} ${metadata.name}`,
      )
    await world.kubectl(['create', 'namespace', 'blue'])
    const before = await there()
    const text = await manifest('blue', {})
    await world.kubectl(['apply', '-f', '-'], text)
    expect((await there()).length).toBeGreaterThan(before.length + 3)
    await world.kubectl(['delete', '--wait=false', '-f', '-'], text)
    expect((await there()).toSorted()).toEqual(before.toSorted())
  })
})
