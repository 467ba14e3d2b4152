import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { RISKS, risksOf } from '../../../src/policy/risk/risks.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

interface Row {
  readonly request: string
  readonly upgrade?: boolean
  readonly contentType?: string
  readonly body?: string
  readonly risk: string | null
  readonly want: 'dangerous' | 'approval' | 'allow'
}

const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../../vectors/policy-risks.json', import.meta.url), 'utf8'),
)

/** As wide as a template can be written. */
const everything = aTemplate({
  grants: [{ agent: 'bot', namespaces: ['*'] }],
  rules: [
    aRule(),
    aRule({ scope: 'cluster', resources: ['*', 'namespaces', 'namespaces/finalize'] }),
    aRule({ scope: 'cluster', apiGroups: [], resources: [], nonResourceURLs: ['*'] }),
  ],
})
const policy = aPolicy({ templates: [everything] })
const terms = NO_TERMS

describe('risksOf', () => {
  test.each(rows)('$request under a lease for everything: $want', ({ request, risk, want, ...sent }) => {
    const asked = aRequest(request, sent)
    const verdict = judge({ request: asked, lease: leaseOf(everything), policy })
    expect(verdict.kind === 'deny' ? verdict.reason : verdict.kind).toBe(want)
    expect(verdict.risk?.id ?? null).toBe(risk)
  })

  test.each(rows.filter(({ want }) => want === 'dangerous'))('$request passes when $risk is named', given => {
    const request = aRequest(given.request, given)
    const named = {
      ...everything,
      dangerous: [given.risk ?? ''],
      approval: { skip: RISKS.map(({ id }) => id), require: [] },
    }
    const policy = aPolicy({ templates: [named] })
    const others = risksOf({ request, policy, terms }).filter(
      one => one.disposition === 'dangerous' && one.id !== given.risk,
    )
    const verdict = judge({ request, lease: leaseOf(named), policy })
    expect(verdict.kind).toBe(others.length === 0 ? 'allow' : 'deny')
  })

  test.each([
    { name: 'who may only patch is asked', verbs: ['patch'], namespace: 'x', want: 'workload-code' },
    { name: 'who may make such workloads is not', verbs: ['patch', 'create'], namespace: 'x', want: 'workload-write' },
    {
      name: 'but where the template says so',
      verbs: ['patch', 'create'],
      namespace: 'x',
      require: ['workload-code'],
      want: 'workload-code',
    },
    { name: 'but in production', verbs: ['patch', 'create'], namespace: 'prod-a', want: 'workload-code' },
  ])('a change of what runs: $name', ({ verbs, namespace, want, require = [] }) => {
    const template = aTemplate({
      approval: { skip: [], require },
      grants: [{ agent: 'bot', namespaces: [namespace] }],
      rules: [aRule({ verbs, apiGroups: ['apps'], resources: ['deployments'] })],
    })
    const body = JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'w', image: 'evil' }] } } } })
    const contentType = 'application/strategic-merge-patch+json'
    const request = aRequest(`PATCH /apis/apps/v1/namespaces/${namespace}/deployments/web`, { contentType, body })
    const verdict = judge({ request, lease: leaseOf(template), policy: aPolicy({ templates: [template] }) })
    expect(verdict).toMatchObject({ kind: want === 'workload-code' ? 'approval' : 'allow', risk: { id: want } })
  })

  test('who may no longer make such workloads today is asked', () => {
    const rules = (verbs: readonly string[]) => [aRule({ verbs, apiGroups: ['apps'], resources: ['deployments'] })]
    const [issued, today] = [aTemplate({ rules: rules(['patch', 'create']) }), aTemplate({ rules: rules(['patch']) })]
    const body = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"evil"}]'
    const contentType = 'application/json-patch+json'
    const request = aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/web', { contentType, body })
    const verdict = judge({ request, lease: leaseOf(issued), policy: aPolicy({ templates: [today] }) })
    expect(verdict).toMatchObject({ kind: 'approval', risk: { id: 'workload-code' } })
  })

  test('the worst comes first', () => {
    const [worst] = risksOf({ request: aRequest('DELETE /api/v1/namespaces/kube-system/pods'), policy, terms })
    expect(worst).toMatchObject({ id: 'deletecollection', tier: 'critical' })
  })

  test('no id is given twice', () => {
    const ids = RISKS.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([])
  })

  test("outside of the cluster no namespace is the boundary's", () => {
    const outside = aPolicy({ boundaryNamespace: '' })
    const risks = risksOf({ request: aRequest('GET /api/v1/secrets'), policy: outside, terms })
    expect(risks.map(({ id }) => id)).not.toContain('boundary-namespace')
  })
})
