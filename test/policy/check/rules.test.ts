import { describe, expect, test } from 'vitest'
import type { TemplateRule } from '../../../src/policy/policy.ts'
import { aRule } from '../a-policy.ts'
import { about, pods, warningsOf } from './warnings.ts'

describe('checkPolicy', () => {
  test.each([
    {
      name: 'a verb that no request has',
      rules: [{ verbs: ['gett'], resources: ['pods'] }],
      want: 'no request has the verb "gett", did you mean "get"?',
    },
    {
      name: 'a verb of resources on a path',
      rules: [
        { scope: 'cluster' as const, verbs: ['list'], apiGroups: [], resources: [], nonResourceURLs: ['/metrics'] },
      ],
      want: 'no request has the verb "list"',
    },
    {
      name: 'a singular',
      rules: [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployment'] }],
      want: 'there is no resource "deployment", did you mean "deployments"?',
    },
    {
      name: 'a short name',
      rules: [{ verbs: ['get'], resources: ['svc'] }],
      want: 'there is no resource "svc", did you mean "services"?',
    },
    {
      name: 'the wrong group',
      rules: [{ verbs: ['get'], resources: ['deployments'] }],
      want: 'deployments are not in the named groups but in "apps"',
    },
    {
      name: 'nodes in a rule for namespaces',
      rules: [{ verbs: ['get'], resources: ['nodes'] }],
      want: 'nodes are in no namespace and want a rule with scope: cluster',
    },
    {
      name: 'pods in a rule for the cluster',
      rules: [{ scope: 'cluster' as const, verbs: ['get', 'list'], resources: ['pods'] }],
      want: 'pods are in namespaces: with scope: cluster get grants nothing',
    },
    {
      name: 'a collection of names',
      rules: [{ verbs: ['create', 'deletecollection'], resources: ['configmaps'], resourceNames: ['a'] }],
      want: 'deletecollection has no name to compare, so resourceNames make it void',
    },
    {
      name: 'a shell',
      rules: [pods, { verbs: ['create'], resources: ['pods/exec'], commands: [['/bin/bash']] }],
      want: '"/bin/bash" lets any command run, through the shell',
    },
    {
      name: 'a rule within another',
      rules: [pods, { verbs: ['get'], resources: ['pods'] }],
      want: 'rule 2: adds nothing to the other rules',
    },
    {
      name: 'a rule within a later one',
      rules: [{ verbs: ['get'], resources: ['pods'] }, pods],
      want: 'rule 1: adds nothing to the other rules',
    },
    {
      name: 'a danger that is not named',
      rules: [{ verbs: ['create'], resources: ['serviceaccounts/token'] }],
      want: 'grants what is refused unless the template names "sa-token" as dangerous',
    },
    {
      name: 'a verb that widens roles',
      rules: [{ verbs: ['escalate'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] }],
      want: 'names "rbac-escalate" as dangerous',
    },
  ])('rules: $name', ({ rules, want }) => {
    expect(about(...rules).join('\n')).toContain(want)
  })

  describe('rules with places', () => {
    const of = (...rules: readonly Partial<TemplateRule>[]) =>
      warningsOf({
        parameters: { name: 'web-[a-z]+' },
        rules: rules.map(rule => aRule({ apiGroups: [''], ...rule })),
      }).filter(text => text.includes('adds nothing'))
    const named = { ...pods, resourceNames: ['{name}'] }

    test('one within another is named, by its own number', () => {
      expect(of(named, { ...named, verbs: ['get'] })).toEqual([
        'template task, rule 2: adds nothing to the other rules',
      ])
      expect(of(named, { ...pods, resources: ['configmaps'] }, { ...pods, resources: ['configmaps'] })).toEqual([
        'template task, rule 3: adds nothing to the other rules',
      ])
    })

    test('one within a rule for every name is named, and not the other way round', () => {
      expect(of(named, pods)).toEqual(['template task, rule 1: adds nothing to the other rules'])
    })

    test('those of two places, or of a place and a name, add to each other', () => {
      expect(of(named, { ...pods, resourceNames: ['{name}-2'] }, { ...pods, resourceNames: ['web'] })).toEqual([])
    })
  })

  test('of two equal rules only the later one is said to add nothing', () => {
    expect(about(pods, pods)).toEqual(['template task, rule 2: adds nothing to the other rules'])
  })
})
