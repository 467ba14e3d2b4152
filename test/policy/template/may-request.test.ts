import { describe, expect, test } from 'vitest'
import { mayRequest, namespacesOf } from '../../../src/policy/template/may-request.ts'
import { aPolicy, aRule, aTemplate, examplePolicy } from '../a-policy.ts'

const policy = examplePolicy()
const wish = { template: 'restart-web', namespaces: ['shop'], ttlMs: 120_000 }

describe('mayRequest', () => {
  test('grants what the policy grants', () => {
    expect(mayRequest(policy, 'web-operator', wish)).toMatchObject({ kind: 'ok', namespaces: ['shop'] })
  })

  test('without namespaces grants all that are named for the agent', () => {
    const answer = mayRequest(policy, 'web-operator', { ...wish, namespaces: [] })
    expect(answer).toMatchObject({ kind: 'ok', namespaces: ['shop', 'shop-dev'] })
  })

  test('names a namespace once', () => {
    const answer = mayRequest(policy, 'web-operator', { ...wish, namespaces: ['shop', 'shop'] })
    expect(answer).toMatchObject({ kind: 'ok', namespaces: ['shop'] })
  })

  test.each(['no-such', 'look-around-2'])(
    'an unknown template is refused with those that are granted: %s',
    template => {
      expect(mayRequest(policy, 'triage', { ...wish, template })).toEqual({
        kind: 'problem',
        reason: 'template',
        message: `agent "triage" has no template "${template}"; it may use: look-around`,
      })
    },
  )

  test('a template of others looks like none', () => {
    const answer = mayRequest(policy, 'triage', wish)
    expect(answer).toMatchObject({
      reason: 'template',
      message: expect.stringContaining('has no template "restart-web"'),
    })
  })

  test.each(['stranger', 'toString', '__proto__'])('agent %s has no templates', agent => {
    expect(mayRequest(policy, agent, wish)).toMatchObject({
      message: expect.stringContaining('no template is granted'),
    })
  })

  test('a namespace that is not granted is refused with those that are', () => {
    expect(mayRequest(policy, 'web-operator', { ...wish, namespaces: ['shop', 'bank', '*'] })).toEqual({
      kind: 'problem',
      reason: 'namespaces',
      message: 'template "restart-web" does not grant "bank", "*"; it grants agent "web-operator": shop, shop-dev',
    })
  })

  test.each(['', 'A', 'a/b', 'a b', '../x'])('"%s" is no namespace, even where every one is granted', namespace => {
    const answer = mayRequest(policy, 'triage', { template: 'look-around', namespaces: [namespace], ttlMs: 1000 })
    expect(answer).toMatchObject({ kind: 'problem', reason: 'namespaces' })
  })

  test('where every namespace is granted one must say which, or say so', () => {
    const ask = (namespaces: readonly string[]) =>
      mayRequest(policy, 'triage', { template: 'look-around', namespaces, ttlMs: 1000 })
    expect(ask([])).toMatchObject({ kind: 'problem', reason: 'namespaces' })
    expect(ask(['*'])).toMatchObject({ kind: 'ok', namespaces: ['*'] })
    expect(ask(['any'])).toMatchObject({ kind: 'ok', namespaces: ['any'] })
  })

  test('a template for the cluster alone wants no namespaces', () => {
    const policy = aPolicy({ templates: [aTemplate({ rules: [aRule({ scope: 'cluster' })] })] })
    const ask = (namespaces: readonly string[]) =>
      mayRequest(policy, 'bot', { template: 'task', namespaces, ttlMs: 1000 })
    expect(ask([])).toMatchObject({ kind: 'ok', namespaces: [] })
    expect(ask(['x'])).toMatchObject({ kind: 'problem', reason: 'namespaces' })
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 3_600_001])('a lease of %d ms is refused', ttlMs => {
    expect(mayRequest(policy, 'web-operator', { ...wish, ttlMs })).toMatchObject({ kind: 'problem', reason: 'ttl' })
  })

  test('the longest time is allowed, and named to whoever asks for more', () => {
    expect(mayRequest(policy, 'web-operator', { ...wish, ttlMs: 3_600_000 }).kind).toBe('ok')
    expect(mayRequest(policy, 'web-operator', { ...wish, ttlMs: 5_400_000 })).toMatchObject({
      message: 'template "restart-web" allows at most 1h, 1h30m was asked for',
    })
  })
})

describe('namespacesOf', () => {
  test.each([
    { scope: 'cluster', granted: ['*'], want: 'none' },
    { scope: 'namespaces', granted: ['*'], want: 'must' },
    { scope: 'namespaces', granted: ['shop'], want: 'may' },
  ] as const)('$scope rules granted for $granted: $want, and asking so is granted', ({ scope, granted, want }) => {
    const grant = { agent: 'bot', namespaces: granted }
    const template = aTemplate({ rules: [aRule({ scope })], grants: [grant] })
    expect(namespacesOf(template, grant)).toBe(want)
    const kinds = [[], ['shop']].map(
      namespaces =>
        mayRequest(aPolicy({ templates: [template] }), 'bot', { template: 'task', namespaces, ttlMs: 1000 }).kind,
    )
    expect(kinds).toEqual({ none: ['ok', 'problem'], must: ['problem', 'ok'], may: ['ok', 'ok'] }[want])
  })
})
