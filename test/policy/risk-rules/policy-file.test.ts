import { describe, expect, test } from 'vitest'
import { ONE } from '../../../src/lease/questions/quorum.ts'
import { aFile, problemsOf, thePolicy } from './a-file.ts'

describe('risk rules of the policy file', () => {
  test('are read with the namespaces of their class, and stand in the terms of each template', () => {
    const policy = thePolicy(
      aFile(
        `
  - {id: prod-image, tier: critical, why: changes the image of what serves, verbs: [patch], namespaceClass: production, changes: [image]}
  - {id: paid, tier: low, why: touches what is paid for, namespaceClass: pay}
  - {id: pods-log, tier: high}`,
        '{}',
        'namespaceClasses: {pay: [pay, pay-*]}',
      ),
    )
    expect(policy.riskRules).toMatchObject([
      {
        id: 'prod-image',
        match: { verbs: ['patch'], namespaces: ['shop', 'prod-*', 'kube-system'], changes: ['image'] },
      },
      { id: 'paid', match: { namespaces: ['pay', 'pay-*'] } },
      { id: 'pods-log', tier: 'high', why: '', match: null },
    ])
    expect(policy.templates[0]?.riskRules).toEqual([policy.riskRules])
  })

  test('say of each tier what a template makes of it', () => {
    const { templates } = thePolicy(
      aFile('[]', '{tiers: {low: pass, medium: ask, high: {people: 2, groups: [oncall]}, critical: never}}'),
    )
    expect(templates[0]?.approval.tiers).toEqual({
      low: 'pass',
      medium: { people: 1, groups: [] },
      high: { people: 2, groups: [['oncall']] },
      critical: 'never',
    })
  })

  test.each([
    ['{high: never}', { high: 'never', critical: 'never' }],
    ['{medium: ask}', { medium: ONE, high: ONE, critical: ONE }],
    ['{low: pass}', { low: 'pass' }],
    ['{high: never, critical: ask}', { high: 'never', critical: ONE }],
  ])('take %s to mean that what weighs more is treated no better', (tiers, means) => {
    const { templates } = thePolicy(aFile('[]', `{tiers: ${tiers}}`))
    expect(templates[0]?.approval.tiers).toEqual(means)
  })

  test('leave a policy without them as it was', () => {
    const { templates, riskRules } = thePolicy(aFile('[]'))
    expect([riskRules, templates[0]?.riskRules, templates[0]?.approval]).toEqual([
      undefined,
      undefined,
      { skip: [], require: [] },
    ])
  })

  test('can be named where the catalogue is', () => {
    const rule = '[{id: odd, tier: low, why: is odd, verbs: [get]}]'
    expect(problemsOf(aFile(rule, '{require: [odd], risks: {secrets-get: {people: 2}}}'))).toBe('')
  })

  test('are no more than a signed lease has room for', () => {
    const rules = Array.from(
      { length: 50 },
      (_, at) => `{id: own-${at}, tier: low, why: ${'w'.repeat(90)}, verbs: [get, list], namespaces: [shop, pay]}`,
    )
    expect(problemsOf(aFile(`[${rules.join(', ')}]`))).toBe('')
    const long = rules.map(rule =>
      rule.replace('pay]', `pay, ${'n'.repeat(60)}, ${'m'.repeat(60)}, ${'l'.repeat(60)}, ${'k'.repeat(60)}]`),
    )
    expect(problemsOf(aFile(`[${long.join(', ')}]`))).toContain('every lease carries them')
    expect(problemsOf(aFile(`[${[...rules, rules[0]?.replace('own-0', 'more')].join(', ')}]`))).toContain(
      'must be 50 rules at most',
    )
  })

  const rule = (more: string) => aFile(`[{id: own, tier: low, why: is our own, ${more}}]`)

  test.each([
    {
      name: 'an unknown tier',
      file: aFile('[{id: a, tier: hgh, why: is odd, verbs: [get]}]'),
      says: 'did you mean "high"?',
    },
    {
      name: 'an unknown tier of a template',
      file: aFile('[]', '{tiers: {criticl: never}}'),
      says: 'did you mean "critical"?',
    },
    { name: 'another stance', file: aFile('[]', '{tiers: {high: allow}}'), says: 'must be pass, ask, never, or who' },
    {
      name: 'an unknown group for a tier',
      file: aFile('[]', '{tiers: {high: {groups: [nobody]}}}'),
      says: 'must be pass',
    },
    { name: 'an unknown change', file: rule('changes: [images]'), says: 'did you mean "image"?' },
    {
      name: 'what no patch shows',
      file: rule('changesOnly: [image]'),
      says: 'must be one of annotations, labels, replicas',
    },
    { name: 'an unknown key', file: rule('verb: [get]'), says: 'did you mean "verbs"?' },
    { name: 'labels of namespaces', file: rule('namespaceSelector: {env: prod}'), says: 'cannot be judged here' },
    { name: 'an unknown class', file: rule('namespaceClass: prodction'), says: 'did you mean "production"?' },
    {
      name: 'the class of production twice',
      file: aFile('[]', '{}', 'namespaceClasses: {production: [x]}'),
      says: 'is what productionNamespaces lists',
    },
    {
      name: 'nothing to match',
      file: aFile('[{id: own, tier: low, why: is our own}]'),
      says: 'must say what it is about',
    },
    { name: 'no sentence', file: aFile('[{id: own, tier: low, verbs: [get]}]'), says: 'must have why' },
    {
      name: 'a sentence of two lines',
      file: aFile('[{id: own, tier: low, why: "a\\nb", verbs: [get]}]'),
      says: 'must be one line of plain text',
    },
    {
      name: 'resources of no group',
      file: rule('resources: [pods]'),
      says: 'must have apiGroups and resources together',
    },
    { name: 'one object', file: rule('minObjects: 1'), says: 'must be 2 at least' },
    {
      name: 'one id twice',
      file: aFile('[{id: a, tier: low, why: is odd, verbs: [get]}, {id: a, tier: low, why: is odd, verbs: [get]}]'),
      says: 'is used twice',
    },
    {
      name: 'a built-in that matches otherwise',
      file: aFile('[{id: secrets-get, tier: low, verbs: [get]}]'),
      says: '"secrets-get" is built in, and only tier and why',
    },
    {
      name: 'a danger replaced',
      file: rule('verbs: [create], replaces: [sa-token]'),
      says: 'names no risk that a rule may stand for',
    },
    {
      name: 'a later rule replaced',
      file: aFile(
        '[{id: a, tier: low, why: is odd, verbs: [get], replaces: [b]}, {id: b, tier: low, why: is odd, verbs: [get]}]',
      ),
      says: 'must be built in, or stand above',
    },
    { name: 'itself replaced', file: rule('verbs: [get], replaces: [own]'), says: 'is the rule itself' },
    {
      name: 'others replaced by what may happen',
      file: rule('changes: [replicas], replaces: [workload-write]'),
      says: 'changesOnly says all',
    },
    {
      name: 'a prefix of a program',
      file: rule('changesOnly: [labels], ownPrefixes: [argocd.argoproj.io]'),
      says: 'acts by it',
    },
    {
      name: 'a prefix with its slash',
      file: rule('changesOnly: [labels], ownPrefixes: [team.example/]'),
      says: 'before the slash',
    },
    {
      name: 'prefixes of nothing',
      file: rule('verbs: [patch], ownPrefixes: [team.example]'),
      says: 'without changesOnly',
    },
    {
      name: 'others replaced by a number',
      file: rule('verbs: [get], minObjects: 2, replaces: [workload-write]'),
      says: 'must not stand beside replaces',
    },
  ])('are refused where they have $name', ({ file, says }) => {
    expect(problemsOf(file)).toContain(says)
  })
})
