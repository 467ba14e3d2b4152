import { describe, expect, test } from 'vitest'
import { checkPolicy, describeWarning } from '../../../src/policy/check.ts'
import { aPolicy, aRule, aTemplate, examplePolicy } from '../a-policy.ts'
import { ada, pods, warningsOf } from './warnings.ts'

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
    ...[
      [['python3', '-c', '*'], 'lets any command run, through python3'],
      [['/usr/bin/perl5.36', '-e', '*'], 'lets any command run, through perl5.36'],
      [['node', '**'], 'lets any command run, through node'],
      [['psql', '-c', '*'], 'lets any command run, through psql'],
      [['psql', '-c', 'select 1', '*'], 'lets any command run, through psql'],
      [['su', '-c', '*'], 'lets any command run, through su'],
      [['awk', '*', '/etc/hosts'], 'lets any command run, through awk'],
      [['env', 'A=b', 'sh', '-c', '*'], 'lets any command run, through the shell'],
      [['nl', '*'], 'prints any file of the container'],
      [['sort', '*'], 'prints any file of the container'],
      [['busybox', 'cat', '*'], 'prints any file of the container'],
      [['timeout', '5', 'curl', '*'], 'prints any file of the container'],
      [['openssl', '*'], 'gives openssl any argument'],
      [['printenv'], 'prints variables of the container, Secrets among them'],
      [['env'], 'prints variables of the container, Secrets among them'],
      [['ps', 'aux'], 'prints the arguments of everything that runs'],
      [['ps', '-eo', 'pid,args'], 'prints the arguments of everything that runs'],
      [['ls', '/proc/1/environ'], 'prints credentials of the container'],
      [['cat', '/var/run/secrets/kubernetes.io/serviceaccount/token'], 'prints credentials of the container'],
    ].map(([command, want]) => ({
      name: String(command),
      rule: { verbs: ['create'], resources: ['pods/exec'], commands: [command as string[]] },
      want: String(want),
    })),
    ...['python3', 'psql'].map(program => ({
      name: `what is typed into ${program}`,
      rule: { verbs: ['create'], resources: ['pods/exec'], commands: [[program]], stdin: true },
      want: 'stdin: true lets an interpreter run whatever is typed',
    })),
    ...[
      { verbs: ['get', 'update'], apiGroups: ['apps'], resources: ['deployments'] },
      { verbs: ['patch'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['patch', 'update'], apiGroups: ['argoproj.io'], resources: ['rollouts'] },
      { verbs: ['patch'], apiGroups: ['ray.io'], resources: ['rayjobs'] },
    ].map(rule => ({
      name: `${rule.verbs} of ${rule.resources}`,
      rule,
      want: `on ${rule.resources} without fields runs any code as any service account that ${rule.resources} use`,
    })),
    {
      name: 'code that the cluster refuses',
      rule: { verbs: ['create', 'patch'], apiGroups: ['apps'], resources: ['deployments'] },
      want: 'what runs in deployments that have Secrets cannot be changed outside of production',
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

  test.each([
    [['df', '-h']],
    [['uptime']],
    [['ps', '-eo', 'pid,stat,comm']],
    [['nslookup', '*']],
    [['python3', 'report.py', '*']],
    [['python3', '-c', 'print(1)', '*']],
    [['cat', '/etc/hosts']],
  ])('has nothing to say of the command %s', command => {
    const exec = aRule({ verbs: ['get', 'create'], apiGroups: [''], resources: ['pods/exec'], commands: [command] })
    expect(warningsOf({ rules: [aRule({ apiGroups: [''], ...pods }), exec] })).toEqual([])
  })

  test.each([
    { name: 'Secrets are named', given: { podSecrets: ['db'] } },
    { name: 'any may be spread', given: { approval: { skip: ['pod-secrets'], require: [] } } },
    { name: 'each change asks', given: { approval: { skip: [], require: ['workload-code'] } } },
  ])('has nothing to say of code in pods with Secrets where $name', ({ given }) => {
    const rules = [aRule({ verbs: ['create', 'patch'], apiGroups: ['apps'], resources: ['deployments'] })]
    expect(warningsOf({ rules, ...given }).join('\n')).not.toContain('that have Secrets')
  })

  test('says nothing of the example', () => {
    expect(checkPolicy(examplePolicy()).map(describeWarning)).toEqual([])
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
      name: 'sessions that may not last',
      given: {
        rules: [aRule({ verbs: ['create'], apiGroups: [''], resources: ['pods/exec'] })],
        budgets: { execSeconds: 0 },
      },
      want: 'a budget of no execSeconds forbids what its rules grant',
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

  test('a budget of none that asks is no mistake', () => {
    const rules = [aRule({ ...pods, verbs: ['delete'] })]
    expect(warningsOf({ rules, budgets: { deletes: 0 }, askBeyond: ['deletes'] })).toEqual([])
  })

  test('a budget that no rule spends is no mistake', () => {
    expect(
      warningsOf({ rules: [aRule(pods)], budgets: { deletes: 0, mutations: 0, secretReads: 0, execSeconds: 0 } }),
    ).toEqual([])
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
