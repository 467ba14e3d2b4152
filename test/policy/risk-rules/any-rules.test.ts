import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHANGES, type RiskRule, type Stance, TIERS } from '../../../src/lease/questions/risk-rule.ts'
import { weighedRisks } from '../../../src/policy/judge/judge.ts'
import type { Verdict } from '../../../src/policy/judge/verdict.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { annotate, deleteAll, judged, setImage } from './a-weighed-request.ts'

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
