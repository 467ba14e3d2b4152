import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { isNarrower } from '../../../src/lease/scope/narrow.ts'
import { covers } from '../../../src/lease/scope/scope.ts'
import { grantsAnything, type Less, smaller } from '../../../src/lease/scope/smaller.ts'
import { aLease } from '../a-lease.ts'
import { requests, scopes } from './arbitrary-scope.ts'

const NOTHING: Less = { verbs: [], resources: [], names: [], namespaces: [], endsAt: null, budgets: {} }
const SAID = { by: 'ada', reason: 'the risky half is done', at: 7 }
const RULE: Rule = {
  verbs: ['get', 'patch'],
  apiGroups: ['apps'],
  resources: ['deployments', 'deployments/scale'],
  resourceNames: [],
  namespaces: ['shop', 'shop-dev'],
  nonResourceURLs: [],
  commands: [],
  stdin: false,
  fields: [],
}
const left = (rule: Partial<Rule>, less: Partial<Less>) =>
  smaller(aLease({ scope: [{ ...RULE, ...rule }] }), { ...NOTHING, ...less }, SAID)?.scope[0]

const some = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 })
const wishes = fc.record({
  verbs: some('*', 'get', 'list', 'patch', 'delete', 'create'),
  resources: some('*', 'pods', 'pods/log', 'pods/exec', '*/scale', 'deployments', 'namespaces'),
  names: some('a', 'b'),
  namespaces: some('*', 'x', 'y', 'w'),
})

describe('smaller', () => {
  test('leaves of each list what both have, and says who made it so', () => {
    const lease = aLease({ scope: [RULE], namespaces: ['shop', 'shop-dev'], budgets: { deletes: 3 } })
    const endsAt = lease.expiresAt - 10_000
    const less = { verbs: ['get', 'list'], resources: ['deployments'], names: ['web'], namespaces: ['shop'] }
    const budgets = { deletes: 5, mutations: 0 }
    expect(smaller(lease, { ...less, endsAt, budgets }, SAID)).toEqual({
      ...lease,
      scope: [{ ...RULE, verbs: ['get'], resources: ['deployments'], resourceNames: ['web'], namespaces: ['shop'] }],
      namespaces: ['shop'],
      budgets: { deletes: 3, mutations: 0 },
      expiresAt: endsAt,
      narrowed: { times: 1, ...SAID },
    })
  })

  test('counts each time, and does nothing where there is no more already', () => {
    const once = smaller(aLease({ scope: [RULE] }), { ...NOTHING, verbs: ['get'] }, SAID)
    expect(once?.narrowed?.times).toBe(1)
    expect(once && smaller(once, { ...NOTHING, verbs: ['get', 'patch'], endsAt: once.expiresAt + 1 }, SAID)).toBeNull()
    expect((once && smaller(once, { ...NOTHING, names: ['web'] }, SAID))?.narrowed?.times).toBe(2)
  })

  test.each<[string, Partial<Rule>, Partial<Less>]>([
    ['verbs', {}, { verbs: ['delete'] }],
    ['resources', {}, { resources: ['pods'] }],
    ['names', { resourceNames: ['web'] }, { names: ['db'] }],
    ['namespaces, for none would mean the cluster', {}, { namespaces: ['other'] }],
    ['namespaces, where it was of the whole cluster', { namespaces: [] }, { namespaces: ['shop'] }],
    [
      'kinds, where a URL is all that there was',
      { resources: [], nonResourceURLs: ['/metrics'], namespaces: [] },
      { resources: ['pods'] },
    ],
  ])('a rule that is left with no %s keeps its place, and covers nothing', (_, rule, less) => {
    expect(left(rule, less)).toEqual({ ...RULE, ...rule, verbs: [] })
  })

  test('namespaces themselves are in no star', () => {
    const all = { apiGroups: [''], resources: ['*'], namespaces: ['*'] }
    expect(left(all, { resources: ['namespaces', 'pods'] })?.resources).toEqual(['pods'])
  })

  test('whatever is asked for, nothing becomes wider, and what is outside of the wish is gone', () => {
    fc.assert(
      fc.property(scopes, wishes, requests, (scope, wish, request) => {
        const lease = aLease({ scope, namespaces: ['x', 'y'] })
        const made = smaller(lease, { ...NOTHING, ...wish }, SAID)
        fc.pre(made !== null)
        expect(isNarrower(made.scope, scope)).toBe(true)
        expect(made.scope).toHaveLength(scope.length)
        expect(made.namespaces.every(one => lease.namespaces.includes(one))).toBe(true)
        if (covers(made.scope, request) === null) return
        expect(grantsAnything(made)).toBe(true)
        expect(covers(scope, request)).not.toBeNull()
        if (wish.verbs.length > 0 && !wish.verbs.includes('*'))
          expect(request.verbs.every(verb => wish.verbs.includes(verb))).toBe(true)
        const { namespace, isResourceRequest } = request.info
        if (wish.namespaces.length > 0 && !wish.namespaces.includes('*') && request.inNamespace && isResourceRequest)
          expect(wish.namespaces).toContain(namespace)
      }),
      { numRuns: 2000 },
    )
  })
})
