import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { leasegateOutput } from '../../../local/edition/leasegate.ts'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import { aPolicy, aTemplate, EXAMPLE_FILE } from '../a-policy.ts'

const account = { kind: 'serviceAccount', namespace: 'boundary', name: 'envoy' } as const
const agent = (name: string, sub: string) => ({
  name,
  match: { issuer: 'i', claims: { sub } },
  sponsor: { kind: 'fixed' as const, name: '' },
})

function parametersOf(...given: Parameters<typeof toAdmission>) {
  const found = toAdmission(...given).find(({ kind }) => kind === 'ConfigMap')
  if (found?.kind !== 'ConfigMap') throw new Error('there are no parameters')
  return found
}

describe('toAdmission', () => {
  test('says of each template what it names, and of agents which accounts are theirs', () => {
    const templates = [
      aTemplate({ name: 'plain' }),
      aTemplate({ name: 'strong', dangerous: ['pod-host', 'token-secret'], serviceAccounts: ['web', 'api'] }),
    ]
    const agents = [agent('a', 'system:serviceaccount:agents:a'), agent('b', 'ada@corp.example')]
    expect(parametersOf(aPolicy({ templates, agents, boundaryNamespace: 'here' }), account).data).toEqual({
      guardedNamespace: 'here',
      agentAccounts: 'agents:a',
      'strong.dangerous': 'pod-host token-secret',
      'strong.serviceAccounts': 'web api',
    })
  })

  test.each([
    { boundary: account, boundaryNamespace: 'here', want: ['here', 'here'] },
    { boundary: account, boundaryNamespace: '', want: ['boundary', 'boundary'] },
    { boundary: { kind: 'user', name: 'envoy' } as const, boundaryNamespace: '', want: ['kube-system', undefined] },
  ])('has its parameters where no agent is: $want', ({ boundary, boundaryNamespace, want }) => {
    const { metadata, data } = parametersOf(aPolicy({ boundaryNamespace }), boundary)
    expect([metadata.namespace, data['guardedNamespace']]).toEqual(want)
  })

  test('binds each policy to them, and denies where they are not there', () => {
    const objects = toAdmission(aPolicy(), account)
    const policies = objects.flatMap(({ kind, metadata }) =>
      kind === 'ValidatingAdmissionPolicy' ? [metadata.name] : [],
    )
    const bound = objects.flatMap(object => (object.kind === 'ValidatingAdmissionPolicyBinding' ? [object.spec] : []))
    const { name, namespace } = parametersOf(aPolicy(), account).metadata
    expect(bound).toEqual(
      policies.map(policyName => ({
        policyName,
        paramRef: { name, namespace, parameterNotFoundAction: 'Deny' },
        validationActions: ['Deny'],
      })),
    )
  })

  test('is the same policy for every file', () => {
    const policies = (...given: Parameters<typeof toAdmission>) =>
      toAdmission(...given).flatMap(object => (object.kind === 'ValidatingAdmissionPolicy' ? [object.spec] : []))
    const other = aPolicy({ boundaryNamespace: 'elsewhere', templates: [aTemplate({ dangerous: ['pod-host'] })] })
    expect(policies(other, account)).toEqual(policies(aPolicy(), account))
  })
})

describe('leasegate policy rbac', () => {
  const kinds = async (...more: readonly string[]) =>
    parseAllDocuments(await leasegateOutput(['policy', 'rbac', EXAMPLE_FILE.pathname, ...more])).map(
      document => document.toJS().kind as string,
    )

  test('prints what judges before what grants, or leaves it out', async () => {
    const all = await kinds()
    const granting = all.findIndex(kind => kind.endsWith('Role') || kind.endsWith('RoleBinding'))
    expect(all.slice(0, granting).filter(kind => kind === 'ValidatingAdmissionPolicy')).not.toEqual([])
    expect(all.slice(granting).filter(kind => kind.startsWith('Validating') || kind === 'ConfigMap')).toEqual([])
    expect(await kinds('--no-admission')).toEqual(all.slice(granting))
  })
})
