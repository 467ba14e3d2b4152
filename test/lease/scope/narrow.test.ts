import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { isNarrower, isWithin, narrow } from '../../../src/lease/scope/narrow.ts'
import { covers } from '../../../src/lease/scope/scope.ts'
import { requests, rules, scopes } from './arbitrary-scope.ts'

const some = fc.uniqueArray(fc.constantFrom('x', 'y', 'w', '*'), { maxLength: 3 })
/** Two rules that share some of their lists, so that one often lies in the other. */
const kin = fc
  .tuple(rules, rules, fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 11, maxLength: 11 }))
  .map(([wider, other, picks]) => {
    const fields = [
      'verbs',
      'apiGroups',
      'resources',
      'resourceNames',
      'namespaces',
      'commands',
      'stdin',
      'fields',
      'metadataOnly',
      'labelSelector',
      'fieldSelector',
    ] as const
    const changed = fields.filter((_, index) => picks[index] === 0).map(field => [field, other[field]])
    return { wider, child: { ...wider, ...Object.fromEntries(changed) } }
  })
const RULE: Rule = {
  verbs: ['get'],
  apiGroups: [''],
  resources: ['pods'],
  resourceNames: [],
  namespaces: ['x', 'y'],
  nonResourceURLs: [],
  commands: [],
  stdin: false,
  fields: [],
}

describe('narrow', () => {
  test('leaves the namespaces that both have', () => {
    expect(narrow([RULE], ['y', 'w'])).toEqual([{ ...RULE, namespaces: ['y'] }])
  })

  test('drops a rule that is left with no namespace, for none would mean the cluster', () => {
    expect(narrow([RULE], ['w'])).toEqual([])
  })

  test('turns every namespace into those asked for', () => {
    expect(narrow([{ ...RULE, namespaces: ['*'] }], ['w'])).toEqual([{ ...RULE, namespaces: ['w'] }])
  })

  test('keeps rules for the cluster', () => {
    const nodes = { ...RULE, resources: ['nodes'], namespaces: [] }
    expect(narrow([nodes, RULE], ['x'])).toEqual([nodes, { ...RULE, namespaces: ['x'] }])
  })

  test('never covers what the wider scope does not', () => {
    fc.assert(
      fc.property(scopes, some, requests, (scope, namespaces, request) => {
        fc.pre(covers(narrow(scope, namespaces), request) !== null)
        expect(covers(scope, request)).not.toBeNull()
      }),
    )
  })
})

describe('isNarrower', () => {
  test.each([
    { name: 'the same', child: RULE, want: true },
    {
      name: 'fewer fields',
      child: { ...RULE, verbs: ['patch'], fields: ['spec.a'] },
      parent: { ...RULE, verbs: ['patch'], fields: ['spec'] },
      want: true,
    },
    {
      name: 'every field',
      child: { ...RULE, verbs: ['patch'] },
      parent: { ...RULE, verbs: ['patch'], fields: ['spec'] },
      want: false,
    },
    {
      name: 'another field',
      child: { ...RULE, verbs: ['patch'], fields: ['spec', 'data'] },
      parent: { ...RULE, verbs: ['patch'], fields: ['spec'] },
      want: false,
    },
    { name: 'metadata alone', child: { ...RULE, metadataOnly: true as const }, want: true },
    { name: 'more than metadata', child: RULE, parent: { ...RULE, metadataOnly: true as const }, want: false },
    { name: 'what is selected', child: { ...RULE, labelSelector: 'app=web' }, want: true },
    { name: 'all that is there', child: RULE, parent: { ...RULE, labelSelector: 'app=web' }, want: false },
    {
      name: 'less of what is selected',
      child: { ...RULE, labelSelector: 'app=web,tier=a' },
      parent: { ...RULE, labelSelector: 'app in (web,api)' },
      want: true,
    },
    {
      name: 'something else that is selected',
      child: { ...RULE, fieldSelector: 'spec.nodeName=n' },
      parent: { ...RULE, fieldSelector: 'spec.nodeName=m' },
      want: false,
    },
    { name: 'fewer namespaces', child: { ...RULE, namespaces: ['x'] }, want: true },
    { name: 'another namespace', child: { ...RULE, namespaces: ['x', 'w'] }, want: false },
    { name: 'every namespace', child: { ...RULE, namespaces: ['*'] }, want: false },
    { name: 'the cluster', child: { ...RULE, namespaces: [] }, want: false },
    { name: 'certain names', child: { ...RULE, resourceNames: ['a'] }, want: true },
    { name: 'every verb', child: { ...RULE, verbs: ['*'] }, want: false },
    { name: 'a subresource', child: { ...RULE, resources: ['pods/log'] }, want: false },
  ])('$name: $want', ({ child, parent = RULE, want }) => {
    expect(isNarrower([child], [parent])).toBe(want)
  })

  test.each([
    { name: 'the same command', given: ['ls'], want: true },
    { name: 'one argument where any one may be', given: ['cat', '/etc/hosts'], want: true },
    { name: 'any one argument where any one may be', given: ['cat', '*'], want: true },
    { name: 'any rest where one may be', given: ['cat', '**'], want: false },
    { name: 'another command', given: ['rm'], want: false },
    { name: 'more where any rest may be', given: ['echo', 'a', '*', '**'], want: true },
  ])('commands: $name: $want', ({ given, want }) => {
    const parent = { ...RULE, resources: ['pods/exec'], commands: [['ls'], ['cat', '*'], ['echo', '**']] }
    expect(isNarrower([{ ...parent, commands: [given] }], [parent])).toBe(want)
  })

  test('a child without commands is wider than a parent with some', () => {
    const parent = { ...RULE, resources: ['pods/exec'], commands: [['ls']] }
    expect(isNarrower([{ ...parent, commands: [] }], [parent])).toBe(false)
  })

  test('what the narrower scope covers, the wider one covers', () => {
    let met = 0
    fc.assert(
      fc.property(scopes, kin, requests, (parent, { child, wider }, request) => {
        if (!isNarrower([child], [...parent, wider]) || covers([child], request) === null) return
        met += 1
        expect(covers([...parent, wider], request)).not.toBeNull()
      }),
      { numRuns: 5000 },
    )
    expect(met).toBeGreaterThan(20)
  })

  test('a narrowed scope is narrower', () => {
    fc.assert(
      fc.property(scopes, some, (scope, namespaces) => {
        expect(isNarrower(narrow(scope, namespaces), scope)).toBe(true)
      }),
    )
  })

  test('says of one rule in another what its lists say', () => {
    fc.assert(
      fc.property(kin, ({ child, wider }) => {
        expect(isWithin(child, wider)).toBe(isNarrower([child], [wider]))
      }),
      { numRuns: 2000 },
    )
  })
})
