import { describe, expect, test } from 'vitest'
import { checkPolicy, describeWarning } from '../../../src/policy/check.ts'
import { aFile, thePolicy } from './a-file.ts'

const warnings = (rules: string, approval = '{}', granted = "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}") => {
  const file = aFile(rules, approval).replace("{verbs: ['*'], apiGroups: ['*'], resources: ['*']}", granted)
  return checkPolicy(thePolicy(file)).map(describeWarning)
}
const rule = (more: string) => `[{id: own, tier: high, why: is our own, ${more}}]`
const PODS = "{verbs: [get, list, watch], apiGroups: [''], resources: [pods]}"

describe('a check of risk rules', () => {
  test.each([
    {
      name: 'a kind that no template grants',
      rules: rule('apiGroups: [apps], resources: [deployments]'),
      granted: PODS,
      says: 'never matches: no template grants',
    },
    {
      name: 'a verb that none does',
      rules: rule('verbs: [delete]'),
      granted: PODS,
      says: 'never matches: no template grants',
    },
    {
      name: 'a namespace that nobody is granted',
      rules: rule('namespaces: [live-*]'),
      says: 'never matches: no template grants',
    },
    {
      name: 'a change by a read',
      rules: rule('verbs: [get], changes: [image]'),
      says: 'never matches: its verbs change nothing',
    },
    {
      name: 'a change by more than a patch shows',
      rules: rule('verbs: [update], changesOnly: [labels]'),
      says: 'seen of patches alone',
    },
    {
      name: 'an image of what has none',
      rules: rule("apiGroups: [''], resources: [configmaps], changes: [image, env]"),
      says: 'configmaps run no containers',
    },
    {
      name: 'labels of what is found by them',
      rules: rule('changesOnly: [labels], apiGroups: [""], resources: [pods]'),
      says: 'by any label',
    },
    { name: 'many of one name', rules: rule('resourceNames: [web], minObjects: 5'), says: 'many objects of one name' },
    {
      name: 'replicas without what kubectl scale writes',
      rules: rule('apiGroups: [apps], resources: [deployments], changes: [replicas]'),
      says: 'name deployments/scale too',
    },
    {
      name: 'what an earlier rule says as well',
      rules:
        '[{id: a, tier: high, why: is odd, verbs: [get, list]}, {id: own, tier: high, why: is odd, verbs: [get], namespaces: [shop]}]',
      says: 'is shadowed by "a"',
    },
    {
      name: 'what a heavier one says later',
      rules:
        '[{id: own, tier: low, why: is odd, namespaces: [shop]}, {id: a, tier: high, why: is odd, namespaces: [sh*]}]',
      says: 'weighs more',
    },
    {
      name: 'what a later rule stands for',
      rules:
        '[{id: own, tier: high, why: is odd, verbs: [get], namespaces: [shop]}, {id: a, tier: low, why: is odd, verbs: [get], replaces: [own]}]',
      says: 'never counts: "a" stands for all of it',
    },
  ])('warns of $name', ({ rules, granted, says }) => {
    expect(warnings(rules, '{}', granted)).toContainEqual(
      expect.stringMatching(new RegExp(`^risk rule "own" .*${says}`)),
    )
  })

  test.each([
    {
      name: 'what one template grants',
      rules: rule("verbs: [get], apiGroups: [''], resources: [pods]"),
      granted: PODS,
    },
    {
      name: 'more than a lighter rule says',
      rules:
        '[{id: a, tier: low, why: is odd, verbs: [get]}, {id: own, tier: high, why: is odd, verbs: [get], namespaces: [shop]}]',
    },
    {
      name: 'a part of every kind',
      rules: rule("verbs: [patch], apiGroups: ['*'], resources: ['*/scale'], changes: [replicas]"),
    },
    { name: 'a built-in weighed anew', rules: '[{id: secrets-get, tier: critical}]' },
  ])('has nothing to say of $name', ({ rules, granted }) => {
    expect(warnings(rules, '{}', granted).filter(text => text.startsWith('risk rule'))).toEqual([])
  })
})

describe('a check of tiers', () => {
  test.each([
    { name: 'Secrets', approval: '{tiers: {high: pass}}', says: 'lets high pass, and with it reads of Secrets, exec' },
    {
      name: 'deletes of namespaces',
      approval: '{tiers: {critical: pass}}',
      granted: "{scope: cluster, verbs: [delete], apiGroups: [''], resources: [namespaces]}",
      says: 'lets critical pass, and with it deletes of namespaces',
    },
    {
      name: 'Secrets that weigh less',
      rules: '[{id: secrets-get, tier: low}]',
      approval: '{tiers: {low: pass}}',
      says: 'lets low pass, and with it reads of Secrets',
    },
    {
      name: 'what is skipped and never passes',
      approval: '{tiers: {high: never}, skip: [secrets-get]}',
      says: 'skips "secrets-get", of a tier that never passes',
    },
    {
      name: 'a rule that passes in place of what asks',
      rules:
        "[{id: own, tier: low, why: is odd, verbs: [get], apiGroups: [''], resources: [secrets], replaces: [secrets-get]}]",
      approval: '{}',
      says: 'lets "own" pass, which stands for reads of Secrets',
    },
    {
      name: 'too few people',
      approval: '{tiers: {high: {people: 3, groups: [oncall]}}}',
      says: 'wants 3 people of oncall to say yes to what is high',
    },
    {
      name: 'a sponsor who may answer',
      approval: '{tiers: {medium: ask}}',
      granted: "{verbs: [delete], apiGroups: [''], resources: [pods]}",
      says: 'has no sponsor',
    },
  ])('warns of $name', ({ rules = '[]', approval, granted, says }) => {
    expect(warnings(rules, approval, granted)).toContainEqual(expect.stringContaining(says))
  })

  test('has nothing to say of tiers that pass what nobody minds, or nothing that is granted', () => {
    expect(warnings('[]', '{tiers: {low: pass, medium: pass}}').filter(text => text.includes('pass'))).toEqual([])
    expect(warnings('[]', '{tiers: {high: pass}}', PODS).filter(text => text.includes('pass'))).toEqual([])
  })
})
