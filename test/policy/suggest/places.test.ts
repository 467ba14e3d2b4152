import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { covers } from '../../../src/lease/scope/scope.ts'
import { suggestRules } from '../../../src/policy/suggest/suggest-rules.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { aRequest } from '../a-request.ts'
import { EXEC, MERGE, RULE, used } from './a-use.ts'

describe('of leases whose template has places, the smallest rules', () => {
  const done = (names: readonly string[], written: (name: string) => Partial<Rule>, line = (name: string) => name) =>
    names.map(name => ({
      ...used(aRequest(`PATCH /apis/apps/v1/namespaces/shop/deployments/${line(name)}`, MERGE), [
        { ...RULE, verbs: ['patch'], resources: ['deployments'], namespaces: ['shop'], ...written(name) },
      ]),
      parameters: { name },
    }))
  const many = Array.from({ length: 12 }, (_, at) => `service-${at}`)

  test('have the place that leases were asked with several words for, however many', () => {
    const { rules, notes } = suggestRules(done(many, name => ({ resourceNames: [name] })))
    expect(rules).toMatchObject([{ verbs: ['patch'], resources: ['deployments'], resourceNames: ['{name}'] }])
    expect(notes).toEqual([])
    const within = done(
      many,
      name => ({ resourceNames: [`${name}-db`] }),
      name => `${name}-db`,
    )
    expect(suggestRules(within).rules).toMatchObject([{ resourceNames: ['{name}-db'] }])
  })

  test('keep the name that the template writes out, and that one of them was asked with as well', () => {
    const { rules } = suggestRules(
      done(
        ['web', 'api'],
        () => ({ resourceNames: ['web'] }),
        () => 'web',
      ),
    )
    expect(rules).toMatchObject([{ resourceNames: ['web'] }])
  })

  test('have the word itself where there was but one, and say so', () => {
    const { rules, notes } = suggestRules(done(['web'], name => ({ resourceNames: [name] })))
    expect(rules).toMatchObject([{ resourceNames: ['web'] }])
    expect(notes).toEqual([expect.stringContaining('asked for with name=web; where the template has {name}')])
  })

  test('have places in commands', () => {
    const uses = ['web', 'api'].map(name => {
      const rule = { ...EXEC, commands: [['cat', `/etc/${name}.conf`]], stdin: false }
      const request = aRequest(
        `GET /api/v1/namespaces/shop/pods/a/exec?command=cat&command=/etc/${name}.conf&stdout=1`,
        { upgrade: true },
      )
      return { ...used(request, [rule]), parameters: { name } }
    })
    expect(suggestRules(uses).rules).toMatchObject([{ commands: [['cat', '/etc/{name}.conf']] }])
  })

  test('lie, filled with any of them, within what that lease had', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...many), { minLength: 1, maxLength: 12 }), names => {
        const { rules, namespaces } = suggestRules(done(names, name => ({ resourceNames: [name] })))
        for (const name of names) {
          const filled = rules.map(rule => ({
            ...rule,
            resourceNames: rule.resourceNames.map(one => one.replace('{name}', name)),
          }))
          const template: object = { rules: filled }
          const scope = issueScope(template as Parameters<typeof issueScope>[0], namespaces)
          expect(
            covers(scope, aRequest(`PATCH /apis/apps/v1/namespaces/shop/deployments/${name}`, MERGE)),
          ).not.toBeNull()
          expect(
            names.length > 1 && covers(scope, aRequest('PATCH /apis/apps/v1/namespaces/shop/deployments/other', MERGE)),
          ).toBeFalsy()
        }
      }),
    )
  })
})
