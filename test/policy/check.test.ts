import { describe, expect, test } from 'vitest'
import { checkPolicy, describeWarning } from '../../src/policy/check.ts'
import type { TaskTemplate, TemplateRule } from '../../src/policy/policy.ts'
import { aPolicy, aRule, aTemplate, examplePolicy } from './a-policy.ts'

const ada = { name: 'ada', match: { issuer: 'i', claims: { sub: 'ada' } }, alsoKnownAs: [] }
const people = [{ ...ada, roles: ['approver', 'admin'] as const }]
const agents = aPolicy().agents.map(agent => ({ ...agent, sponsor: { kind: 'fixed', name: 'grace' } as const }))

function warningsOf(given: Partial<TaskTemplate>): readonly string[] {
  return checkPolicy(aPolicy({ agents, people, templates: [aTemplate(given)] })).map(describeWarning)
}

/** What is said about a template of these rules alone. */
function about(...rules: readonly Partial<TemplateRule>[]): readonly string[] {
  return warningsOf({ rules: rules.map(rule => aRule({ apiGroups: [''], ...rule })) })
}

const pods = { verbs: ['get', 'list', 'watch'], resources: ['pods'] }
const deployments = { apiGroups: ['apps'], resources: ['deployments'] }

describe('checkPolicy', () => {
  test.each([
    {
      name: 'a patch of all of a Deployment',
      rule: { verbs: ['get', 'list', 'watch', 'patch'], apiGroups: ['apps'], resources: ['deployments'] },
      want: 'patch on deployments without fields runs any code as any service account that deployments use',
    },
    {
      name: 'pods of its own',
      rule: { verbs: ['create'], resources: ['pods'] },
      want: 'create on pods runs any image and command, which is as good as exec',
    },
    {
      name: 'fields without patch',
      rule: { verbs: ['get'], fields: ['spec.replicas'] },
      want: 'fields mean nothing without patch',
    },
    {
      name: 'fields of a PUT',
      rule: { verbs: ['patch', 'update'], fields: ['spec'] },
      want: 'with fields update grants nothing',
    },
    {
      name: 'any file',
      rule: { verbs: ['create'], resources: ['pods/exec'], commands: [['cat', '*']] },
      want: '"cat *" prints any file of the container',
    },
    {
      name: 'any command',
      rule: { verbs: ['create'], resources: ['pods/exec'], commands: [['**']] },
      want: '"**" lets any command run',
    },
    {
      name: 'what is typed into a shell',
      rule: { verbs: ['create'], resources: ['pods/exec'], commands: [['sh', '-c', 'ls']], stdin: true },
      want: 'stdin: true lets a shell run whatever is typed',
    },
  ])('warns of $name', ({ rule, want }) => {
    expect(
      warningsOf({ rules: [aRule({ apiGroups: [''], resources: ['configmaps'], ...rule })] }).join('\n'),
    ).toContain(want)
  })

  test('has nothing to say of a patch of fields', () => {
    const reads = aRule({ verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['deployments'] })
    const rule = { ...reads, verbs: ['patch'], fields: ['spec.replicas'] }
    expect(warningsOf({ rules: [reads, rule] })).toEqual([])
  })

  test('says nothing of the example', () => {
    expect(checkPolicy(examplePolicy()).map(describeWarning)).toEqual([])
  })

  test.each([
    {
      name: 'exec without get on pods',
      rules: [{ verbs: ['create'], resources: ['pods/exec'] }],
      want: ['template task, rule 1: kubectl exec reads the pod first and wants get on pods too'],
    },
    { name: 'exec with get on pods', rules: [{ verbs: ['create'], resources: ['pods/exec'] }, pods], want: [] },
    {
      name: 'exec by get alone',
      rules: [{ verbs: ['get'], resources: ['pods/exec', 'pods'] }],
      want: ['template task, rule 1: pods/exec wants create, whichever way it comes; get alone opens nothing'],
    },
    {
      name: 'port-forward without get on pods',
      rules: [{ verbs: ['create'], resources: ['pods/portforward'] }],
      want: ['template task, rule 1: kubectl port-forward reads the pod first and wants get on pods too'],
    },
    {
      name: 'logs without get on pods',
      rules: [{ verbs: ['get'], resources: ['pods/log'] }],
      want: ['template task, rule 1: kubectl logs reads the pod first and wants get on pods too'],
    },
    { name: 'logs with get on pods', rules: [{ verbs: ['get'], resources: ['pods', 'pods/log'] }], want: [] },
    {
      name: 'logs by list',
      rules: [{ verbs: ['list'], resources: ['pods/log'] }, pods],
      want: ['template task, rule 1: kubectl logs wants get on pods/log'],
    },
    {
      name: 'logs where pods/log is meant',
      rules: [{ verbs: ['get'], resources: ['pods', 'pods/logs'] }],
      want: ['template task, rule 1: there is no resource "pods/logs"; kubectl logs wants get on pods/log'],
    },
    {
      name: 'patch without get',
      rules: [{ verbs: ['patch'], fields: ['spec.replicas'], ...deployments }],
      want: ['template task, rule 1: kubectl patch wants get on deployments too'],
    },
    {
      name: 'rollout status without list and watch',
      rules: [{ verbs: ['get', 'patch'], fields: ['spec.replicas'], ...deployments }],
      want: ['template task, rule 1: kubectl rollout status wants list and watch on deployments too'],
    },
    {
      name: 'rollout',
      rules: [{ verbs: ['get', 'list', 'watch', 'patch'], fields: ['spec.replicas'], ...deployments }],
      want: [],
    },
    {
      name: 'scale without get',
      rules: [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] }],
      want: ['template task, rule 1: kubectl scale reads the object first and wants get on deployments too'],
    },
    {
      name: 'watch without list',
      rules: [{ verbs: ['watch'], resources: ['pods'] }],
      want: ['template task, rule 1: kubectl get -w lists before it watches and wants list on pods too'],
    },
    {
      name: 'delete of what it may get, and not watch',
      rules: [{ verbs: ['get', 'delete'], resources: ['configmaps'], resourceNames: ['a'] }],
      want: [
        'template task, rule 1: kubectl delete waits until it is gone and wants list and watch on configmaps too, of the same names at least',
      ],
    },
    {
      name: 'delete of certain names, with all that kubectl asks for them',
      rules: [{ verbs: ['get', 'list', 'watch', 'delete'], resources: ['configmaps'], resourceNames: ['a'] }],
      want: [],
    },
    { name: 'delete alone, which kubectl can do', rules: [{ verbs: ['delete'], resources: ['pods'] }], want: [] },
    { name: 'everything', rules: [{ apiGroups: ['*'] }], want: [] },
  ])('kubectl: $name', ({ rules, want }) => {
    expect(about(...rules)).toEqual(want)
  })

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

  test.each([
    {
      name: 'a danger named but not granted',
      given: { rules: [aRule(pods)], dangerous: ['sa-token'] },
      want: 'names "sa-token" as dangerous, but no rule grants it',
    },
    {
      name: 'approval waived where none is wanted',
      given: { approval: { skip: ['pods-log'], require: [] } },
      want: 'skips approval of "pods-log", which wants none by default',
    },
    {
      name: 'a budget of no requests',
      given: { budgets: { requests: 0 } },
      want: 'a budget of no requests forbids what its rules grant',
    },
    {
      name: 'a budget of no deletes',
      given: { rules: [aRule({ ...pods, verbs: ['delete'] })], budgets: { deletes: 0 } },
      want: 'a budget of no deletes',
    },
    { name: 'nobody granted', given: { grants: [] }, want: 'no agent is granted it' },
    {
      name: 'no namespace granted',
      given: { grants: [{ agent: 'bot', namespaces: [] }] },
      want: 'agent "bot" is granted no namespace',
    },
    { name: 'a lease for days', given: { maxTtlMs: 172_800_000 }, want: 'nearly a standing right' },
    {
      name: "the boundary's namespace",
      given: { grants: [{ agent: 'bot', namespaces: ['leasegate'] }] },
      want: "is the boundary's own",
    },
  ])('templates: $name', ({ given, want }) => {
    expect(warningsOf(given).join('\n')).toContain(want)
  })

  test('a budget that no rule spends is no mistake', () => {
    expect(warningsOf({ rules: [aRule(pods)], budgets: { deletes: 0, mutations: 0, secretReads: 0 } })).toEqual([])
  })

  test('sponsors: nobody is kept from approving, or nobody can be told from the sponsor', () => {
    const [bot] = aPolicy().agents
    if (bot === undefined) throw new Error('there is an agent')
    const said = (sponsor: (typeof bot)['sponsor'], template = aTemplate(), alsoKnownAs: readonly string[] = []) => {
      const elsewhere = { ...ada, match: { issuer: 'corp', claims: { sub: 'ada' } }, alsoKnownAs }
      const policy = {
        agents: [{ ...bot, sponsor }],
        people: [{ ...elsewhere, roles: ['approver', 'admin'] as const }],
      }
      return checkPolicy(aPolicy({ ...policy, templates: [template] }))
        .map(describeWarning)
        .join()
    }
    expect(said({ kind: 'fixed', name: '' })).toContain('agent "bot" has no sponsor, so nobody is kept from approving')
    expect(said({ kind: 'claim', claim: 'actor' })).toContain('"ada" of issuer corp cannot answer for agent "bot"')
    expect(said({ kind: 'claim', claim: 'actor' }, aTemplate(), ['ada-l'])).not.toContain('cannot answer')
    const harmless = aTemplate({ rules: [aRule({ apiGroups: [''], ...pods })] })
    expect(said({ kind: 'fixed', name: '' }, harmless)).not.toContain('sponsor')
    const asking = { ...harmless, approval: { skip: [], require: ['pods-log'] }, rules: [aRule()] }
    expect(said({ kind: 'fixed', name: '' }, asking)).toContain('has no sponsor')
  })

  test('people: nobody to approve, nobody to revoke, an agent without a task', () => {
    const warnings = checkPolicy(aPolicy({ people: [], templates: [] })).map(describeWarning)
    expect(warnings).toEqual([
      'agent "bot" is granted no template',
      'nobody can approve: no person has the role approver',
      'no person has the role admin: only agents can end their leases',
    ])
  })
})
