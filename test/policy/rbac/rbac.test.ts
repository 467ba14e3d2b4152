import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { covers } from '../../../src/lease/scope/scope.ts'
import { toRbac, toYaml } from '../../../src/policy/rbac/rbac.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { requests, rules } from '../../lease/scope/arbitrary-scope.ts'
import { aPolicy, aRule, aTemplate, examplePolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { rbacAllows } from './rbac-allows.ts'

const serviceAccount = { kind: 'serviceAccount', namespace: 'leasegate', name: 'envoy' } as const
const constrained = { mode: 'constrained', boundary: serviceAccount } as const
const legacy = { mode: 'legacy', boundary: { kind: 'user', name: 'leasegate-envoy' } } as const
const vector = (name: string) => readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')

/** Rules as a policy file can have them: for namespaces, for the cluster, or for paths. */
const templates = fc.array(rules, { minLength: 1, maxLength: 3 }).map(list =>
  aTemplate({
    grants: [{ agent: 'bot', namespaces: ['x', 'y'] }],
    rules: list.map(({ namespaces, ...rule }) => {
      if (namespaces.length > 0) return aRule({ ...rule, nonResourceURLs: [] })
      const forPaths = rule.nonResourceURLs.length > 0 ? { resources: [], resourceNames: [] } : {}
      return aRule({ ...rule, ...forPaths, scope: 'cluster' })
    }),
  }),
)

describe('toRbac', () => {
  test.each([
    { mode: 'constrained', options: constrained, file: 'policy-rbac-constrained.yaml' },
    { mode: 'legacy', options: legacy, file: 'policy-rbac-legacy.yaml' },
  ])('prints the example for $mode impersonation', ({ options, file }) => {
    expect(toYaml(toRbac(examplePolicy(), options))).toBe(vector(file))
  })

  test('is read back as it was', () => {
    const objects = toRbac(examplePolicy(), constrained)
    expect(parseAllDocuments(toYaml(objects)).map(document => document.toJS())).toEqual(objects)
  })

  test("what a lease covers, Kubernetes grants to the task's group and to the boundary on its behalf", () => {
    fc.assert(
      fc.property(templates, requests, (template, request) => {
        if (covers(issueScope(template, ['x', 'y']), request) === null) return
        const objects = toRbac(aPolicy({ templates: [template] }), constrained)
        for (const verb of new Set([request.info.verb, ...request.verbs])) {
          expect(rbacAllows(objects, 'leasegate:task:task', verb, request)).toBe(true)
          // create of a WebSocket exec is asked of the impersonated user alone.
          if (verb !== request.info.verb) continue
          expect(rbacAllows(objects, 'envoy', `impersonate-on:user-info:${verb}`, request)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('create on a collection is granted without names, which Kubernetes could not compare', () => {
    const rule = aRule({
      verbs: ['create', 'get'],
      apiGroups: [''],
      resources: ['configmaps', 'pods/exec'],
      resourceNames: ['a'],
    })
    const objects = toRbac(aPolicy({ templates: [aTemplate({ rules: [rule] })] }), constrained)
    const may = (line: string, verb: string) => rbacAllows(objects, 'leasegate:task:task', verb, aRequest(line))
    expect(may('POST /api/v1/namespaces/x/configmaps', 'create')).toBe(true)
    expect(may('GET /api/v1/namespaces/x/configmaps/b', 'get')).toBe(false)
    expect(may('GET /api/v1/namespaces/x/pods/b/log', 'get')).toBe(false)
    expect(may('POST /api/v1/namespaces/x/pods/b/eviction', 'create')).toBe(false)
  })

  test('grants nothing in namespaces that are granted to nobody', () => {
    const objects = toRbac(aPolicy(), constrained)
    const elsewhere = aRequest('GET /api/v1/namespaces/y/pods/p')
    expect(rbacAllows(objects, 'leasegate:task:task', 'get', elsewhere)).toBe(false)
    expect(rbacAllows(objects, 'envoy', 'impersonate-on:user-info:get', elsewhere)).toBe(false)
  })

  test('the boundary itself may do nothing but act as agents', () => {
    const verbs = toRbac(examplePolicy(), constrained)
      .filter(
        object => object.kind === 'ClusterRole' && object.metadata.name.startsWith('leasegate:leasegate:boundary'),
      )
      .flatMap(object => (object.kind === 'ClusterRole' ? object.rules.flatMap(rule => rule.verbs) : []))
    expect(verbs.filter(verb => !/^impersonate(-on)?:user-info(:[a-z]+)?$/.test(verb))).toEqual([])
  })

  test('without agents it may act as nobody, for a rule without names would mean everybody', () => {
    const [role] = toRbac(aPolicy({ agents: [], templates: [] }), legacy)
    expect(role).toMatchObject({ kind: 'ClusterRole', rules: [{ resources: ['groups'] }, { verbs: ['impersonate'] }] })
  })

  test('a wildcard verb is written out, so that it grants neither escalate nor impersonate', () => {
    const objects = toRbac(aPolicy(), constrained)
    const request = aRequest('GET /apis/rbac.authorization.k8s.io/v1/namespaces/x/roles/r')
    const may = (verb: string) => rbacAllows(objects, 'leasegate:task:task', verb, request)
    expect([may('deletecollection'), may('escalate'), may('bind'), may('impersonate')]).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('escalate and the like are granted only when the template names the danger', () => {
    const rule = aRule({
      verbs: ['create', 'escalate', 'bind'],
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['roles'],
    })
    const template = aTemplate({ rules: [rule], dangerous: ['rbac-bind'] })
    const role = toRbac(aPolicy({ templates: [template] }), legacy).find(
      one => one.kind === 'ClusterRole' && one.metadata.name === 'leasegate:leasegate-envoy:task:task',
    )
    expect(role).toMatchObject({ rules: [{ verbs: ['create', 'bind'] }] })
  })

  test('a template for nobody grants nothing', () => {
    const template = aTemplate({ grants: [], rules: [aRule(), aRule({ scope: 'cluster' })] })
    const kinds = toRbac(aPolicy({ templates: [template] }), legacy).map(({ metadata }) => metadata.name)
    expect(kinds).toEqual(['leasegate:leasegate-envoy:boundary', 'leasegate:leasegate-envoy:boundary'])
  })
})
