import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { leasegateOutput } from '../../../local/edition/leasegate.ts'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import { aPolicy, aRule, aTemplate, EXAMPLE_FILE } from '../a-policy.ts'

/** The longest took an API server 0.1 s of CPU to check; one of 20 000 took it 3 s. */
const LONGEST_EXPRESSION = 5000

const account = { kind: 'serviceAccount', namespace: 'boundary', name: 'envoy' } as const
const agent = (name: string, sub: string) => ({
  name,
  match: { issuer: 'i', claims: { sub } },
  sponsor: { kind: 'fixed' as const, name: '' },
})

function parametersOf(...given: Parameters<typeof toAdmission>) {
  const told = toAdmission(...given).flatMap(object =>
    object.kind === 'ValidatingAdmissionPolicy' ? [JSON.stringify(object.spec.variables[0])] : [],
  )
  expect(new Set(told).size).toBe(1)
  return JSON.parse(JSON.parse(told[0] ?? '').expression)
}

describe('toAdmission', () => {
  const reads = aRule({ verbs: ['get'] })
  const patches = aRule({
    verbs: ['get', 'patch'],
    apiGroups: ['apps'],
    resources: ['deployments', 'deployments/scale'],
    resourceNames: ['web'],
    fields: ['spec.replicas <= 5', 'spec.paused'],
  })
  const writes = aRule({ verbs: ['update'], apiGroups: ['', 'apps'] })

  test('says of each template what it names, and of agents which accounts are theirs', () => {
    const templates = [
      aTemplate({ name: 'plain' }),
      aTemplate({ name: 'strong', dangerous: ['pod-host', 'token-secret'], serviceAccounts: ['web', 'api'] }),
      aTemplate({ name: 'careful', images: [['registry.corp/*']], rules: [reads, patches, writes] }),
    ]
    const agents = [agent('a', 'system:serviceaccount:agents:a'), agent('b', 'ada@corp.example')]
    expect(parametersOf(aPolicy({ templates, agents, boundaryNamespace: 'here' }), account)).toEqual({
      guardedNamespace: 'here',
      agentAccounts: 'agents:a',
      'careful.images': 'registry.corp/*',
      'careful.rules': 'apps\tdeployments deployments/scale\tweb\tspec.replicas <= 5\tspec.paused\n apps\t*\t',
      'strong.dangerous': 'pod-host token-secret',
      'strong.serviceAccounts': 'web api',
    })
  })

  test.each([
    { boundary: account, boundaryNamespace: 'here', want: 'here' },
    { boundary: account, boundaryNamespace: '', want: 'boundary' },
    { boundary: { kind: 'user', name: 'envoy' } as const, boundaryNamespace: '', want: '' },
  ])('guards the namespace of the boundary: $want', ({ boundary, boundaryNamespace, want }) => {
    expect(parametersOf(aPolicy({ boundaryNamespace }), boundary)).toEqual({ guardedNamespace: want })
  })

  test('binds each policy, and rests on no object that somebody could delete: then nobody could write any more', () => {
    const objects = toAdmission(aPolicy(), account)
    const policies = objects.flatMap(object => (object.kind === 'ValidatingAdmissionPolicy' ? [object] : []))
    const bound = objects.flatMap(object => (object.kind === 'ValidatingAdmissionPolicyBinding' ? [object.spec] : []))
    expect(bound).toEqual(policies.map(({ metadata }) => ({ policyName: metadata.name, validationActions: ['Deny'] })))
    expect(JSON.stringify(objects)).not.toMatch(/param(Kind|Ref)/)
  })

  test('asks in expressions that are short, for the time it takes to check one grows with the square of its length', () => {
    const expressions = toAdmission(aPolicy(), account).flatMap(object =>
      object.kind === 'ValidatingAdmissionPolicy' ? [...object.spec.variables, ...object.spec.validations] : [],
    )
    expect(expressions.filter(({ expression }) => expression.length > LONGEST_EXPRESSION)).toEqual([])
  })

  test('is the same policy for every file', () => {
    const policies = (...given: Parameters<typeof toAdmission>) =>
      toAdmission(...given).flatMap(object =>
        object.kind === 'ValidatingAdmissionPolicy'
          ? [{ ...object.spec, variables: object.spec.variables.slice(1) }]
          : [],
      )
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
