import { describe, expect, test } from 'vitest'
import { covers } from '../../../src/lease/scope/scope.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { toRbac } from '../../../src/policy/rbac/rbac.ts'
import { scopeToday } from '../../../src/policy/template/granted-today.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { parametersOf } from '../../../src/policy/template/parameters.ts'
import { waysIn } from '../../../src/policy/template/ways-in.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const template = aTemplate({
  parameters: { name: 'web-[a-z]+', ticket: 'OPS-[0-9]+', namespace: '[a-z-]+' },
  rules: [
    aRule({
      verbs: ['patch'],
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: ['{name}', '{name}-canary'],
    }),
    aRule({
      verbs: ['create'],
      apiGroups: [''],
      resources: ['pods/exec'],
      commands: [['note', '{ticket}', '{namespace}/{name}']],
    }),
    aRule({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }),
  ],
})
const asked = (given: Readonly<Record<string, string>>, namespaces = ['x'], ticket = 'OPS-7') =>
  parametersOf(template, { given, namespaces, ticket })
const filled = { name: 'web-shop', ticket: 'OPS-7', namespace: 'x' }

describe('parametersOf', () => {
  test('are what was asked with, the ticket and the one namespace', () => {
    expect(asked({ name: 'web-shop' })).toEqual(filled)
  })

  test.each<{
    name: string
    given: Readonly<Record<string, string>>
    namespaces?: string[]
    ticket?: string
    says: string
  }>([
    { name: 'nothing', given: {}, says: 'wants --param name=… like web-[a-z]+' },
    { name: 'another name', given: { name: 'db' }, says: 'like web-[a-z]+' },
    { name: 'more than the name', given: { name: 'web-shop,web-x' }, says: 'like web-[a-z]+' },
    { name: 'a star', given: { name: 'web-*' }, says: 'like web-[a-z]+' },
    { name: 'what nobody asked for', given: { name: 'web-shop', other: 'x' }, says: 'no parameter of this name' },
    { name: 'what every object has', given: { name: 'web-shop', constructor: 'x' }, says: 'no parameter of this name' },
    { name: 'a ticket of its own', given: { name: 'web-shop', ticket: 'OPS-8' }, says: 'no parameter of this name' },
    { name: 'two namespaces', given: { name: 'web-shop' }, namespaces: ['x', 'y'], says: 'one namespace' },
    { name: 'every namespace', given: { name: 'web-shop' }, namespaces: ['*'], says: 'one namespace' },
    { name: 'no ticket', given: { name: 'web-shop' }, ticket: '', says: 'a ticket like OPS-[0-9]+' },
  ])('are refused with $name', ({ given, namespaces, ticket, says }) =>
    expect(asked(given, namespaces, ticket)).toContain(says),
  )

  test.each(['*', '**', '{name}', '-c', 'a b', 'a/b', "a'b", 'a\n', ''])(
    'are never %j, whatever the pattern is',
    value => {
      const open = aTemplate({ parameters: { name: '.+' } })
      expect(parametersOf(open, { given: { name: value }, namespaces: [], ticket: '' })).toEqual(expect.any(String))
    },
  )
})

describe('a scope with parameters', () => {
  test('has names and commands filled, and is for these alone', () => {
    const scope = issueScope(template, ['x'], filled)
    expect(scope.map(({ resourceNames, commands }) => [resourceNames, commands])).toEqual([
      [['web-shop', 'web-shop-canary'], []],
      [[], [['note', 'OPS-7', 'x/web-shop']]],
      [[], []],
    ])
    const patch = (name: string) =>
      aRequest(`PATCH /apis/apps/v1/namespaces/x/deployments/${name}`, {
        contentType: 'application/merge-patch+json',
        body: '{}',
      })
    expect(covers(scope, patch('web-shop'))).not.toBeNull()
    expect(covers(scope, patch('web-other'))).toBeNull()
  })

  test('leaves out the rules whose places are not filled', () => {
    expect(issueScope(template, ['x']).map(({ resources }) => resources)).toEqual([['pods']])
    expect(issueScope(template, ['x'], { ...filled, name: 'db' }).map(({ resources }) => resources)).toEqual([['pods']])
  })

  test('leaves braces that are no parameter as they are', () => {
    const other = aTemplate({ rules: [aRule({ commands: [['awk', '{print}']] })] })
    expect(issueScope(other, ['x'])[0]?.commands).toEqual([['awk', '{print}']])
  })

  test("is judged by today's patterns as well", () => {
    const lease = leaseOf(template, { scope: issueScope(template, ['x'], filled), parameters: filled })
    const request = aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/web-shop', {
      contentType: 'application/merge-patch+json',
      body: '{}',
    })
    const verdict = (today: typeof template) => judge({ request, lease, policy: aPolicy({ templates: [today] }) })
    expect(verdict(template)).not.toMatchObject({ reason: 'out-of-scope' })
    const narrower = { ...template, parameters: { ...template.parameters, name: 'web-[a-c]+' } }
    expect(verdict(narrower)).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
    const more = { ...template, parameters: { ...template.parameters, name: 'web-[a-z]+', region: '[a-z]+' } }
    const rules = [aRule({ verbs: ['patch'], resourceNames: ['{name}-{region}'] })]
    expect(verdict({ ...more, rules })).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
  })

  test('of a namespace that is not granted any more fills none, in rules for the cluster either', () => {
    const own = aTemplate({
      parameters: { namespace: '.+' },
      grants: [{ agent: 'bot', namespaces: ['x', 'y'] }],
      rules: [
        aRule({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }),
        aRule({
          scope: 'cluster',
          verbs: ['get'],
          apiGroups: [''],
          resources: ['namespaces'],
          resourceNames: ['{namespace}'],
        }),
      ],
    })
    const parameters = { namespace: 'x' }
    const lease = leaseOf(own, { namespaces: ['x'], parameters, scope: issueScope(own, ['x'], parameters) })
    const verdict = (namespaces: readonly string[]) => {
      const policy = aPolicy({ templates: [{ ...own, grants: [{ agent: 'bot', namespaces }] }] })
      return [judge({ request: aRequest('GET /api/v1/namespaces/x'), lease, policy }), scopeToday(policy, lease)]
    }
    for (const granted of [['x', 'y'], ['x'], ['*']]) expect(verdict(granted)[0]).toMatchObject({ kind: 'allow' })
    for (const granted of [['y'], []])
      expect(verdict(granted)).toEqual([expect.objectContaining({ kind: 'deny', reason: 'out-of-scope' }), []])
  })

  test('is what a refusal says to ask for, by the name of what was sent', () => {
    const lease = leaseOf(template, { parameters: filled, task: { name: 't', reason: 'r', ticket: 'OPS-7' } })
    const request = aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/web-other', {
      contentType: 'application/merge-patch+json',
      body: '{}',
    })
    const [way] = waysIn({ request, lease, above: [], policy: aPolicy({ templates: [{ ...template, maxLeases: 5 }] }) })
    expect(way).toMatchObject({ template: 'task', parameters: { name: 'web-other' }, wantsTicket: true })
    const none = aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/db', {
      contentType: 'application/merge-patch+json',
      body: '{}',
    })
    expect(waysIn({ request: none, lease, above: [], policy: aPolicy({ templates: [template] }) })).toEqual([])
  })

  test('has in Kubernetes the rights of every lease of the template, without names', () => {
    const text = JSON.stringify(
      toRbac(aPolicy({ templates: [template] }), {
        boundary: { kind: 'user', name: 'leasegate' },
        mode: 'constrained',
      }),
    )
    expect(text).not.toContain('{name}')
    expect(text).toContain('deployments')
  })
})
