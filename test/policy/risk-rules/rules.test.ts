import { describe, expect, test } from 'vitest'
import { openContract, sealContract } from '../../../src/identity/signed/contract.ts'
import { TIERS } from '../../../src/lease/questions/risk-rule.ts'
import { stricterTerms } from '../../../src/lease/scope/terms.ts'
import { weighedRisks } from '../../../src/policy/judge/judge.ts'
import { revisionFor } from '../../../src/policy/load/revision-for.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { RISKS } from '../../../src/policy/risk/risks.ts'
import { termsOf } from '../../../src/policy/template/terms-of.ts'
import { testKeys } from '../../support/keys.ts'
import { aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { aFile, thePolicy } from './a-file.ts'
import { annotate, deleteAll, judged, plain, policy, RULES, setImage, TIERED } from './a-weighed-request.ts'

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
