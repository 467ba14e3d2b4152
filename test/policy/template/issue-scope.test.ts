import { describe, expect, test } from 'vitest'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { aRule, aTemplate } from '../a-policy.ts'

const template = aTemplate({
  rules: [aRule({ resources: ['pods'] }), aRule({ scope: 'cluster', resources: ['nodes'] })],
})

describe('issueScope', () => {
  test('fills the namespaces in and leaves rules for the cluster without any', () => {
    expect(issueScope(template, ['x', 'y']).map(({ resources, namespaces }) => ({ resources, namespaces }))).toEqual([
      { resources: ['pods'], namespaces: ['x', 'y'] },
      { resources: ['nodes'], namespaces: [] },
    ])
  })

  test('without namespaces a rule for namespaces does not turn into one for the cluster', () => {
    expect(issueScope(template, []).map(({ resources }) => resources)).toEqual([['nodes']])
  })
})
