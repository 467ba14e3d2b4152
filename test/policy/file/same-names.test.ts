import { describe, expect, test } from 'vitest'
import { isNarrower } from '../../../src/lease/scope/narrow.ts'
import { budgetsOf } from '../../../src/policy/budgets.ts'
import { checkPolicy } from '../../../src/policy/check.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import { risksOf } from '../../../src/policy/risk/risks.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { questionOf } from '../../approval/asking.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const GROUP = 'servicebus.example.com'
const API = `/apis/${GROUP}/v1`
const WORDS = [
  'namespaces',
  'nodes',
  'persistentvolumes',
  'secrets',
  'pods',
  'events',
  'serviceaccounts',
  'clusterroles',
]

const WRITE_ALL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

function verdict(line: string, rule: Parameters<typeof aRule>[0], namespaces = ['x']) {
  const grants = [{ agent: 'bot', namespaces }]
  const template = aTemplate({ grants, rules: [aRule({ verbs: WRITE_ALL, ...rule })] })
  const policy = aPolicy({ templates: [template], productionNamespaces: ['prod'], boundaryNamespace: 'leasegate' })
  return judge({
    request: aRequest(line),
    lease: leaseOf(template, { scope: issueScope(template, namespaces), namespaces }),
    policy,
  })
}

describe.each(WORDS)('%s of another group', resource => {
  const inNamespaces = { apiGroups: [GROUP], resources: [resource] }
  const ofCluster = { ...inNamespaces, scope: 'cluster' } as const

  test('are covered by a rule for their namespace, and for no other', () => {
    for (const method of ['GET', 'DELETE']) {
      expect(verdict(`${method} ${API}/namespaces/x/${resource}/a`, inNamespaces)).toMatchObject({ kind: 'allow' })
      expect(verdict(`${method} ${API}/namespaces/y/${resource}/a`, inNamespaces)).toMatchObject({ kind: 'deny' })
    }
    expect(verdict(`GET ${API}/namespaces/x/${resource}`, inNamespaces)).toMatchObject({ kind: 'allow' })
    expect(verdict(`GET ${API}/namespaces/x/${resource}?watch=1`, inNamespaces)).toMatchObject({ kind: 'allow' })
  })

  test('are covered in a namespace by a star, as any other kind', () => {
    const everything = { apiGroups: ['*'], resources: ['*'] }
    expect(verdict(`GET ${API}/namespaces/x/${resource}/a`, everything)).toMatchObject({ kind: 'allow' })
  })

  test('are not reached in a namespace by a rule for the cluster', () => {
    for (const name of ['a', 'y']) {
      expect(verdict(`GET ${API}/namespaces/y/${resource}/${name}`, ofCluster)).toMatchObject({ kind: 'deny' })
      expect(verdict(`DELETE ${API}/namespaces/prod/${resource}/${name}`, ofCluster)).toMatchObject({ kind: 'deny' })
    }
  })

  test('are reached by it where they are in none, which no rule for a namespace does', () => {
    expect(verdict(`GET ${API}/${resource}/a`, ofCluster)).toMatchObject({ kind: 'allow' })
    expect(verdict(`GET ${API}/${resource}/x`, inNamespaces)).toMatchObject({ kind: 'deny' })
  })

  test('can be written into a policy, in either scope, without a word against it', () => {
    const problems = (scope: 'namespaces' | 'cluster', verbs: readonly string[]) => {
      const template = aTemplate({ rules: [aRule({ ...inNamespaces, verbs, scope })] })
      return checkPolicy(aPolicy({ templates: [template] })).map(({ message }) => message)
    }
    const about = (messages: readonly string[]) => messages.filter(message => /are in |named groups/.test(message))
    expect(about(problems('namespaces', ['get', 'list', 'delete']))).toEqual([])
    expect(about(problems('cluster', ['get', 'list', 'delete']))).toEqual([])
  })

  test('weigh nothing that Kubernetes has under the name weighs', () => {
    const policy = aPolicy({ productionNamespaces: [], boundaryNamespace: 'leasegate' })
    const terms = { dangerous: [], serviceAccounts: [], approval: { require: [], skip: [] } }
    for (const method of ['GET', 'DELETE']) {
      const request = aRequest(`${method} ${API}/namespaces/x/${resource}/leasegate`)
      const found = risksOf({ request, policy, terms: aTemplate(terms) })
      expect(found.filter(({ disposition }) => disposition !== 'pass')).toEqual([])
      expect(budgetsOf(request)).not.toContain('secretReads')
    }
  })

  test('are shown to an approver with their group and namespace', () => {
    const { summary } = questionOf(`DELETE ${API}/namespaces/x/${resource}/a`)
    expect(summary).toBe(`delete ${resource}.${GROUP} "a" in x`)
  })
})

describe('namespaces of another group', () => {
  const rule = { apiGroups: [GROUP], resources: ['namespaces'] }

  test('that lie in no namespace are written as namespaces are, and want a rule for the cluster', () => {
    expect(verdict(`GET ${API}/namespaces/x`, rule)).toMatchObject({ kind: 'deny' })
    expect(verdict(`GET ${API}/namespaces/x`, { ...rule, scope: 'cluster' })).toMatchObject({ kind: 'allow' })
    const [worst] = risksOf({
      request: aRequest(`DELETE ${API}/namespaces/x`),
      policy: aPolicy({}),
      terms: aTemplate({}),
    })
    expect(worst?.id).toBe('cluster-write')
  })

  test('of the namespace of the boundary are as far away as all else in it', () => {
    const named = { ...rule, apiGroups: [GROUP] }
    expect(verdict(`GET ${API}/namespaces/leasegate/namespaces/a`, named, ['*'])).toMatchObject({ reason: 'dangerous' })
    expect(verdict(`GET ${API}/namespaces`, named, ['*'])).toMatchObject({ reason: 'dangerous' })
  })

  test('make no rule for those of Kubernetes, nor the other way round', () => {
    expect(verdict('GET /api/v1/namespaces/x', { ...rule, scope: 'cluster' })).toMatchObject({ kind: 'deny' })
    expect(verdict('GET /api/v1/namespaces/x', { apiGroups: ['*'], resources: ['*'] })).toMatchObject({ kind: 'deny' })
    const core = { apiGroups: [''], resources: ['namespaces'], scope: 'cluster' } as const
    expect(verdict(`GET ${API}/namespaces/x`, core)).toMatchObject({ kind: 'deny' })
    expect(verdict('GET /api/v1/namespaces/x', core)).toMatchObject({ kind: 'allow' })
  })

  test('lie within a star, where those of Kubernetes do not', () => {
    const [star, theirs] = [{ apiGroups: ['*'], resources: ['*'] }, rule]
    const toRule = (given: typeof rule) => ({ ...aRule({ verbs: ['get'], ...given }), namespaces: ['x'] })
    expect(isNarrower([toRule(theirs)], [toRule(star)])).toBe(true)
    for (const group of ['', '*']) {
      expect(isNarrower([toRule({ ...theirs, apiGroups: [group] })], [toRule(star)])).toBe(false)
    }
  })

  test('may stand in a policy file under their group alone', () => {
    const file = (groups: string) => `
boundaryNamespace: leasegate
issuers: [{ name: i, issuer: "https://i.example", audience: a, jwks: { file: /i.json } }]
agents: [{ name: bot, issuer: i, claims: { sub: bot } }]
people: []
templates:
  - name: t
    grants: [{ agent: bot, namespaces: [x] }]
    rules: [{ verbs: [get], apiGroups: [${groups}], resources: [namespaces] }]
    maxTtl: 1h
`
    expect(parsePolicy(file(GROUP), 'policy.yaml')).not.toMatchObject({ kind: 'problems' })
    for (const groups of ['""', '"*"', `"", ${GROUP}`]) {
      expect(parsePolicy(file(groups), 'policy.yaml')).toMatchObject({ kind: 'problems' })
    }
  })
})
