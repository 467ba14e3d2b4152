import { describe, expect, test } from 'vitest'
import { markedObjects, resourceOf } from '../../../local/own-cluster/plan/in-cluster.ts'

const ran = (code: number, stdout: string, stderr = '') => ({ code, stdout, stderr })

describe('markedObjects', () => {
  test('are looked for in a cluster that has no admission policies too', async () => {
    const asked: string[] = []
    const admin = async ([, kinds = '']: readonly string[]) => {
      asked.push(kinds)
      const unknown = /validating/.test(kinds)
      return unknown
        ? ran(1, '', 'error: the server doesn\'t have a resource type "validatingadmissionpolicies"')
        : ran(0, '{"items":[]}')
    }
    expect(await markedObjects({ admin })).toEqual([])
    expect(asked.at(-1)).toMatch(/clusterroles/)
    expect(asked.at(-1)).not.toMatch(/validating/)
  })

  test('are looked for among admission policies where there are any', async () => {
    const asked: string[] = []
    const admin = async ([, kinds = '']: readonly string[]) => {
      asked.push(kinds)
      return ran(0, '{"items":[]}')
    }
    await markedObjects({ admin })
    expect(asked.at(-1)).toMatch(/clusterroles.*validatingadmissionpolicies/)
  })
})

describe('resourceOf', () => {
  test.each([
    { apiVersion: 'v1', kind: 'ConfigMap', want: 'configmaps' },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      want: 'validatingadmissionpolicies.admissionregistration.k8s.io',
    },
  ])('$kind is $want', ({ want, ...object }) => {
    expect(resourceOf({ ...object, metadata: { name: 'x' } })).toBe(want)
  })
})
