import { describe, expect, test } from 'vitest'
import { CHART, helm, type Loose, objectsIn, valuesOf } from './a-chart.ts'

/** What a release of this name in this namespace would make. */
async function release(name: string, namespace: string, values: Loose): Promise<readonly Loose[]> {
  const { code, stdout, stderr } = await helm(['template', name, CHART, '--namespace', namespace], values)
  if (code !== 0) throw new Error(stderr)
  return objectsIn(stdout)
}

const nameOf = ({ kind, metadata }: Loose) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

describe('several releases in one cluster', () => {
  test('take no object from each other, not even of the same policy', async () => {
    const values = await valuesOf('networks')
    const [blue, green] = await Promise.all([release('lg', 'blue', values), release('lg', 'green', values)])
    const taken = new Set(blue.map(nameOf))
    expect(blue.length).toBeGreaterThan(20)
    expect(green.map(nameOf).filter(name => taken.has(name))).toEqual([])
  })

  test('give the same groups their rights: what a lease acts as does not depend on who gave it', async () => {
    const values = await valuesOf('minimal')
    const groupsOf = (objects: readonly Loose[]) =>
      objects
        .flatMap(({ subjects = [] }) => subjects)
        .filter(({ kind }: Loose) => kind === 'Group')
        .map(({ name }: Loose) => name)
    const [blue, green] = await Promise.all([release('lg', 'blue', values), release('lg', 'green', values)])
    expect(groupsOf(green)).toEqual(groupsOf(blue))
    expect(groupsOf(blue)).toContain('leasegate:task:restart-web')
  })
})
