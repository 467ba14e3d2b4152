import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openContract, sealContract } from '../../../src/identity/token/contract.ts'
import { CHANGES, type RiskRule, type Stance, TIERS } from '../../../src/lease/questions/risk-rule.ts'
import { stricterTerms } from '../../../src/lease/scope/terms.ts'
import { judge, weighedRisks } from '../../../src/policy/judge.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { revisionFor } from '../../../src/policy/revision-for.ts'
import { RISKS } from '../../../src/policy/risk/risks.ts'
import { termsOf } from '../../../src/policy/template/terms-of.ts'
import type { Verdict } from '../../../src/policy/verdict.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { testKeys } from '../../support/keys.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { aFile, thePolicy } from './a-file.ts'

const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const RULES = `
  - {id: prod-image, tier: critical, why: changes the image of what serves, verbs: [update, patch], apiGroups: [apps], resources: [deployments], namespaceClass: production, changes: [image]}
  - {id: note, tier: low, why: writes annotations and nothing else, verbs: [patch], apiGroups: [apps], resources: [deployments], changesOnly: [annotations], replaces: [workload-write]}
  - {id: many-deletes, tier: critical, why: deletes ten objects or more, changes: [deletes], minObjects: 10}
  - {id: logs-of-web, tier: medium, why: reads what customers typed, verbs: [get], apiGroups: [''], resources: [pods/log], resourceNames: [web-*]}
  - {id: pods-log, tier: high, why: reads logs}`
const TIERED = '{tiers: {high: ask, critical: {people: 2, groups: [oncall]}}}'

const web = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/web`
const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'b' }] } } } }
const setImage = (namespace = 'shop') =>
  aRequest(`PATCH ${web(namespace)}`, { contentType: STRATEGIC, body: JSON.stringify(image) })
const annotate = (more: object = {}, namespace = 'shop') =>
  aRequest(`PATCH ${web(namespace)}`, {
    contentType: MERGE,
    body: JSON.stringify({ metadata: { annotations: { a: 'b' } }, ...more }),
  })
const deleteAll = aRequest('DELETE /api/v1/namespaces/shop/configmaps?labelSelector=a%3Db')

function judged(request: ApiRequest, today: Policy, issued = today): Verdict {
  const [template] = issued.templates
  if (template === undefined) throw new Error('no template')
  return judge({ request, lease: leaseOf(template), policy: today })
}

const policy = thePolicy(aFile(RULES, TIERED))
const plain = thePolicy(aFile('[]', TIERED))

describe('a risk rule', () => {
  test.each([
    {
      name: 'asks whom its tier names',
      request: setImage(),
      want: { kind: 'approval', risk: { id: 'prod-image' }, quorum: { people: 2, groups: [['oncall']] } },
    },
    {
      name: 'not in another namespace',
      request: setImage('dev'),
      want: { kind: 'approval', risk: { id: 'workload-write' } },
    },
    {
      name: 'lets pass what it stands for',
      request: annotate(),
      want: { kind: 'allow', risk: { id: 'note', tier: 'low' } },
    },
    {
      name: 'and nothing beside that',
      request: annotate({ spec: { replicas: 0 } }),
      want: { kind: 'approval', risk: { id: 'workload-write' } },
    },
    {
      name: 'counts a collection as many',
      request: deleteAll,
      want: { kind: 'approval', risk: { id: 'many-deletes' } },
    },
    {
      name: 'and one of it as one',
      request: aRequest('DELETE /api/v1/namespaces/shop/configmaps/a'),
      want: { kind: 'allow' },
    },
    {
      name: 'a namespace as many',
      request: aRequest('DELETE /api/v1/namespaces/shop'),
      want: { kind: 'deny', risk: { tier: 'critical' } },
    },
    {
      name: 'goes by the beginning of a name',
      request: aRequest('GET /api/v1/namespaces/shop/pods/web-1/log'),
      want: { kind: 'approval', risk: { id: 'pods-log', tier: 'high', why: 'reads logs' } },
    },
    {
      name: 'weighs more in kube-system',
      request: aRequest('GET /api/v1/namespaces/kube-system/pods/a/log'),
      want: { kind: 'approval', risk: { id: 'pods-log', tier: 'critical' } },
    },
  ])('$name', ({ request, want }) => {
    expect(judged(request, policy)).toMatchObject(want)
  })

  test('asks by itself where it is high or critical and no template says otherwise, and passes below', () => {
    const rule = (tier: string) => thePolicy(aFile(`[{id: own, tier: ${tier}, why: is odd, verbs: [list]}]`))
    const request = aRequest('GET /api/v1/namespaces/shop/pods')
    const kinds = TIERS.map(tier => judged(request, rule(tier)).kind)
    expect(kinds).toEqual(['allow', 'allow', 'approval', 'approval'])
  })

  test.each([
    { name: 'a list over all namespaces', request: 'GET /api/v1/pods', want: true },
    { name: 'the namespace itself', request: 'GET /api/v1/namespaces/shop', want: true },
    { name: 'what is in no namespace', request: 'GET /api/v1/nodes/a', want: false },
    { name: 'all of a kind in none', request: 'GET /api/v1/nodes', want: false },
    { name: 'another namespace', request: 'GET /api/v1/namespaces/dev/pods', want: false },
    { name: 'a path', request: 'GET /metrics', want: false },
  ])('for a namespace: $name, $want', ({ request, want }) => {
    const rules = thePolicy(aFile('[{id: own, tier: high, why: is odd, namespaces: [sho*]}]'))
    const [template] = rules.templates
    if (template === undefined) throw new Error('no template')
    const risks = weighedRisks({ request: aRequest(request), lease: leaseOf(template), policy: rules })
    expect(risks.some(({ id }) => id === 'own')).toBe(want)
  })

  test('that another stands for stands for nothing itself', () => {
    const chain = `[{id: a, tier: high, why: is the first, verbs: [get]}, {id: b, tier: low, why: is the second, verbs: [get], replaces: [a]}`
    const request = aRequest('GET /api/v1/namespaces/shop/pods/p')
    expect(judged(request, thePolicy(aFile(`${chain}]`)))).toMatchObject({ kind: 'allow', risk: { id: 'b' } })
    const third = ', {id: c, tier: low, why: is the third, verbs: [get], replaces: [b]}]'
    expect(judged(request, thePolicy(aFile(`${chain}${third}`)))).toMatchObject({ kind: 'approval', risk: { id: 'a' } })
  })

  test('of a name: what has none yet may have it, and what stands for others has to be sure', () => {
    const own = (more: string) =>
      thePolicy(aFile(`[{id: own, tier: low, why: is odd, resourceNames: [web], ${more}}]`, TIERED))
    const made = (metadata: object) =>
      aRequest('POST /api/v1/namespaces/shop/pods', {
        contentType: 'application/json',
        body: JSON.stringify({ metadata }),
      })
    const replaces = own('replaces: [pods-create, code-production]')
    expect(judged(made({ name: 'web' }), replaces).risk?.id).toBe('own')
    expect(judged(made({ generateName: 'web' }), replaces).risk?.id).not.toBe('own')
  })
})

describe('what a template makes of a tier', () => {
  const by = (approval: string, rules = RULES) => thePolicy(aFile(rules, approval))
  const secret = aRequest('GET /api/v1/namespaces/shop/secrets/s')

  test.each<{ name: string; approval: string; request: ApiRequest; want: object }>([
    {
      name: 'passes what asks by default',
      approval: '{tiers: {high: pass}}',
      request: secret,
      want: { kind: 'allow' },
    },
    {
      name: 'but not what is named',
      approval: '{tiers: {high: pass}, require: [secrets-get]}',
      request: secret,
      want: { kind: 'approval' },
    },
    {
      name: 'asks for what passes by default',
      approval: '{tiers: {medium: ask}}',
      request: aRequest('DELETE /api/v1/namespaces/shop/pods/p'),
      want: { kind: 'approval' },
    },
    {
      name: 'but not for what is skipped',
      approval: '{tiers: {medium: ask}, skip: [pods-delete]}',
      request: aRequest('DELETE /api/v1/namespaces/shop/pods/p'),
      want: { kind: 'allow' },
    },
    {
      name: 'never lets it pass',
      approval: '{tiers: {critical: never}}',
      request: deleteAll,
      want: { kind: 'deny', reason: 'too-risky', detail: 'deletes ten objects or more (critical, many-deletes)' },
    },
    {
      name: 'not even where it is skipped',
      approval: '{tiers: {critical: never}, skip: [many-deletes]}',
      request: deleteAll,
      want: { kind: 'deny', reason: 'too-risky' },
    },
    {
      name: 'wants the people of the tier and of the risk',
      approval: '{tiers: {high: {groups: [oncall]}}, risks: {secrets-get: {people: 2}}}',
      request: secret,
      want: { quorum: { people: 2, groups: [['oncall']] } },
    },
    {
      name: 'opens no danger',
      approval: '{tiers: {critical: pass, high: pass}}',
      request: aRequest('POST /api/v1/namespaces/shop/serviceaccounts/a/token'),
      want: { kind: 'deny', reason: 'dangerous' },
    },
  ])('$name', ({ approval, request, want }) => {
    expect(judged(request, by(approval))).toMatchObject(want)
  })

  test('asks for a danger that is named, whatever the tier lets pass', () => {
    const template = {
      ...aTemplate({ dangerous: ['sa-token'] }),
      approval: { skip: [], require: [], tiers: { critical: 'pass' as const } },
    }
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/a/token')
    expect(judged(request, aPolicy({ templates: [template] }))).toMatchObject({ kind: 'approval' })
    const never = { ...template, approval: { skip: ['sa-token'], require: [], tiers: { critical: 'never' as const } } }
    expect(judged(request, aPolicy({ templates: [never] }))).toMatchObject({ kind: 'deny', reason: 'too-risky' })
  })

  test('keeps a danger that a signed rule claims to stand for', () => {
    const [rule] = thePolicy(aFile('[{id: own, tier: low, why: is odd, verbs: [create]}]')).riskRules ?? []
    if (rule?.match == null) throw new Error('no rule')
    const template = aTemplate({ riskRules: [[{ ...rule, match: { ...rule.match, replaces: ['sa-token'] } }]] })
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/a/token')
    const verdict = judged(request, aPolicy({ templates: [template] }))
    expect(verdict).toMatchObject({ kind: 'deny', reason: 'dangerous', risk: { id: 'sa-token' } })
  })

  test('says of a body that cannot be read that it might be one', () => {
    const request = aRequest(`PATCH ${web('shop')}`, { contentType: STRATEGIC, body: '{"spec":{},"spec":{}}' })
    const open = by('{tiers: {critical: never}}', RULES)
    const verdict = judged(
      request,
      thePolicy(
        aFile(RULES, '{tiers: {critical: never}}').replace(
          'maxTtl: 1h',
          'maxTtl: 1h\n    dangerous: [pod-host, pod-identity]',
        ),
      ),
    )
    expect(judged(request, open)).toMatchObject({ kind: 'deny', reason: 'dangerous' })
    expect(verdict).toMatchObject({ reason: 'too-risky', detail: expect.stringContaining('the body cannot be read') })
  })
})

describe('a lease of before', () => {
  test('is bound by rules that come later', () => {
    expect(judged(setImage(), policy, plain)).toMatchObject({ risk: { id: 'prod-image' }, quorum: { people: 2 } })
    expect(judged(setImage(), plain)).not.toHaveProperty('quorum')
  })

  test('stays bound by those that are gone', () => {
    expect(judged(setImage(), plain, policy)).toMatchObject({ risk: { id: 'prod-image' }, quorum: { people: 2 } })
  })

  test.each([
    { name: 'what a later rule stands for', today: policy, issued: plain, request: annotate() },
    { name: 'what an earlier rule stood for', today: plain, issued: policy, request: annotate() },
    {
      name: 'a tier that passes later',
      today: thePolicy(aFile('[]', '{tiers: {high: pass}}')),
      issued: thePolicy(aFile('[]')),
      request: aRequest('GET /api/v1/namespaces/shop/secrets/s'),
    },
    {
      name: 'a risk that weighs less later',
      today: thePolicy(aFile('[{id: secrets-get, tier: low}]', '{tiers: {low: pass}}')),
      issued: thePolicy(aFile('[]', '{tiers: {low: pass}}')),
      request: aRequest('GET /api/v1/namespaces/shop/secrets/s'),
    },
  ])('is not let pass $name', ({ today, issued, request }) => {
    expect(judged(request, today, issued).kind).toBe('approval')
  })

  test('has its rules in what is signed, and hands them on', async () => {
    const keys = await testKeys()
    const [template] = policy.templates
    if (template === undefined) throw new Error('no template')
    const lease = leaseOf(template)
    const opened = await openContract(await sealContract(lease, keys.signing), keys.verify)
    expect(opened).toEqual(lease)
    const child = stricterTerms(termsOf(aTemplate()), lease.terms)
    expect(child.riskRules).toHaveLength(2)
    expect(stricterTerms(opened?.terms ?? child, termsOf(template)).riskRules).toHaveLength(1)
  })

  test('does not use a yes from before its rules were others', () => {
    const of = (one: Policy) => revisionFor(one, { template: 'task', agent: 'bot' })
    expect(of(policy)).not.toBe(of(plain))
    expect(of(policy)).toBe(of(thePolicy(aFile(RULES, '{tiers: {high: never}}'))))
  })
})

describe('the catalogue', () => {
  test('has a tier, an id and a sentence of every risk', () => {
    const odd = RISKS.filter(
      ({ id, tier, why }) => !/^[a-z][a-z-]+$/.test(id) || !TIERS.includes(tier) || !/^[a-z].{5,}[^.]$/.test(why),
    )
    expect(odd).toEqual([])
  })
})

const STRICTNESS: Readonly<Record<string, number>> = { allow: 0, approval: 1, deny: 2 }
/** How many people, 0 for none and more than there can be for a no. */
const people = (verdict: Verdict) =>
  verdict.kind === 'approval' ? (verdict.quorum?.people ?? 1) : verdict.kind === 'deny' ? 99 : 0

const requests: readonly ApiRequest[] = [
  setImage(),
  setImage('dev'),
  annotate(),
  annotate({ spec: { replicas: 1 } }),
  deleteAll,
  ...[
    'GET /api/v1/namespaces/shop/secrets/s',
    'GET /api/v1/pods',
    'GET /api/v1/namespaces/dev/pods/web-1/log',
    'DELETE /api/v1/namespaces/shop/pods/p',
    'POST /api/v1/namespaces/shop/serviceaccounts/a/token',
    'DELETE /apis/apps/v1/namespaces/dev/deployments',
    'GET /api/v1/namespaces/kube-system/configmaps/a',
  ].map(line => aRequest(line)),
]
const some = <T>(...values: readonly T[]) => fc.subarray([...values], { maxLength: 2 })
const matches = fc.record({
  verbs: some('get', 'list', 'patch', 'delete', 'deletecollection', '*'),
  apiGroups: some('', 'apps'),
  resources: some('pods', 'deployments', 'secrets', 'pods/log', '*'),
  resourceNames: some('web', 'web-*', 's'),
  namespaces: some('shop', 'd*', 'kube-system'),
  changes: some(...CHANGES),
  changesOnly: fc.constant([]),
  minObjects: fc.constantFrom(0, 2),
  replaces: fc.constant([]),
})
const ownRule: fc.Arbitrary<RiskRule> = fc.record({
  id: fc.constantFrom('own-a', 'own-b', 'own-c'),
  tier: fc.constantFrom(...TIERS),
  why: fc.constant('is our own'),
  match: matches,
})
const stances: fc.Arbitrary<Stance> = fc.constantFrom<Stance>(
  'pass',
  'never',
  { people: 1, groups: [] },
  { people: 3, groups: [] },
)
const tierings = fc.record({ low: stances, medium: stances, high: stances, critical: stances }, { requiredKeys: [] })

function under(rules: readonly RiskRule[] | undefined, tiers: object): Policy {
  const rule = aRule()
  const cluster = aRule({ scope: 'cluster', resources: ['*', 'namespaces'] })
  const template = aTemplate({
    grants: [{ agent: 'bot', namespaces: ['shop', 'dev', 'kube-system', '*'] }],
    rules: [rule, cluster],
    approval: { skip: [], require: [], tiers },
    ...(rules === undefined ? {} : { riskRules: [rules] }),
  })
  return aPolicy({ templates: [template] })
}

describe('for any rules', () => {
  test('one more never lets more pass, whatever its tier', () => {
    fc.assert(
      fc.property(
        fc.array(ownRule, { maxLength: 3 }),
        ownRule,
        tierings,
        fc.constantFrom(...requests),
        (rules, more, tiers, request) => {
          const [before, after] = [
            judged(request, under(rules, tiers)),
            judged(request, under([...rules, more], tiers)),
          ]
          expect(STRICTNESS[after.kind]).toBeGreaterThanOrEqual(STRICTNESS[before.kind] ?? 9)
          expect(people(after)).toBeGreaterThanOrEqual(people(before))
        },
      ),
    )
  })

  test('a lease and the policy of today together are no wider than either', () => {
    const replacing = fc
      .record({
        rule: ownRule,
        replaces: some('workload-write', 'workload-code', 'secrets-get', 'deletecollection', 'pods-log'),
      })
      .map(
        ({ rule, replaces }): RiskRule =>
          rule.match === null ? rule : { ...rule, match: { ...rule.match, changes: [], minObjects: 0, replaces } },
      )
    const anew: fc.Arbitrary<RiskRule> = fc.record({
      id: fc.constantFrom('secrets-get', 'workload-write', 'pods-log'),
      tier: fc.constantFrom(...TIERS),
      why: fc.constant(''),
      match: fc.constant(null),
    })
    const sets = fc.uniqueArray(fc.oneof(ownRule, replacing, anew), { maxLength: 3, selector: ({ id }) => id })
    fc.assert(
      fc.property(
        sets,
        sets,
        tierings,
        tierings,
        fc.constantFrom(...requests),
        (one, other, tiers, otherTiers, request) => {
          const [issued, today] = [under(one, tiers), under(other, otherTiers)]
          const both = judged(request, today, issued)
          for (const each of [judged(request, issued), judged(request, today)]) {
            expect(STRICTNESS[both.kind]).toBeGreaterThanOrEqual(STRICTNESS[each.kind] ?? 9)
            expect(people(both)).toBeGreaterThanOrEqual(people(each))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a request that none of them means is judged as without them', () => {
    fc.assert(
      fc.property(
        fc.array(ownRule, { maxLength: 3 }),
        tierings,
        fc.constantFrom(...requests),
        (rules, tiers, request) => {
          const [template] = under(rules, tiers).templates
          if (template === undefined) return
          const risks = weighedRisks({ request, lease: leaseOf(template), policy: under(rules, tiers) })
          fc.pre(!risks.some(({ id }) => id.startsWith('own-')))
          expect(judged(request, under(rules, tiers))).toEqual(judged(request, under(undefined, tiers)))
        },
      ),
    )
  })
})
