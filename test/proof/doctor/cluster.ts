import { beforeAll, describe, expect, test } from 'vitest'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import type { TemplateRule } from '../../../src/policy/policy.ts'
import { toYaml } from '../../../src/policy/rbac/rbac.ts'
import { examineAdmission } from '../../../src/proof/doctor/cluster/admission.ts'
import { examineBoundaryAccount } from '../../../src/proof/doctor/cluster/boundary-account.ts'
import { notApplied } from '../../../src/proof/doctor/cluster/not-applied.ts'
import { examinePolicy } from '../../../src/proof/doctor/cluster/policy-in-cluster.ts'
import { world } from '../the-cluster.ts'

beforeAll(async () => void (await kubectl('create', 'serviceaccount', 'boundary', '-n', 'leasegate')))

const kubectl = (...args: readonly string[]) => world.kubectl(args)
const ACCOUNT = '--serviceaccount=leasegate:boundary'

describe('examineBoundaryAccount', () => {
  const boundary = { kind: 'serviceAccount', namespace: 'leasegate', name: 'boundary' } as const
  const examine = () => examineBoundaryAccount(world.reader, world.policy, { mode: 'constrained', boundary }, [])
  const whats = async () => (await examine()).findings.map(({ what }) => what)

  test('finds nothing where exactly what policy rbac prints is applied', async () => {
    expect((await examine()).findings).toEqual([])
  })

  test.each([
    {
      name: 'a missing role of a template',
      spoil: () => kubectl('delete', 'clusterrole', 'leasegate:leasegate:task:look'),
      finds: /ClusterRole leasegate:leasegate:task:look is missing/,
      why: 'Leases of template look cannot do their task.',
    },
    {
      name: "a missing binding of the boundary for a template's namespace",
      spoil: () => kubectl('delete', 'rolebinding', 'leasegate:leasegate:boundary:task:look', '-n', 'shop'),
      finds: /RoleBinding leasegate:leasegate:boundary:task:look in shop is missing/,
      why: 'Leases of template look cannot do their task.',
    },
    {
      name: 'a missing right to act as agents',
      spoil: () =>
        kubectl(
          'patch',
          'clusterrole',
          'leasegate:leasegate:boundary',
          '--type=json',
          '-p',
          '[{"op":"remove","path":"/rules/0"}]',
        ),
      finds: /ClusterRole leasegate:leasegate:boundary is missing, or is not/,
      why: 'The boundary cannot act as any agent.',
    },
  ])('$name is found, says what cannot work, and is gone after the mend', async ({ spoil, finds, why }) => {
    await spoil()
    const { findings } = await examine()
    expect(findings).toEqual([expect.objectContaining({ severity: 'error', what: expect.stringMatching(finds), why })])
    expect(await world.paste(findings[0]?.mend ?? 'false')).toMatchObject({ code: 0 })
    expect((await examine()).findings).toEqual([])
  })

  test('whatever of policy rbac is not applied is named, of a template that is new too, and nothing is once it is', async () => {
    const options = { mode: 'constrained', boundary, admission: false } as const
    expect(await notApplied(world.reader, world.policy, options)).toEqual([])
    const [first] = world.policy.templates
    if (first === undefined) throw new Error('the policy has no template')
    const policy = { ...world.policy, templates: [...world.policy.templates, { ...first, name: 'brand-new' }] }
    const whats = (await notApplied(world.reader, policy, options)).map(({ what }) => what)
    expect(whats).toContainEqual(expect.stringMatching(/ClusterRole leasegate:leasegate:task:brand-new is missing/))
    expect(whats.every(what => what.includes('brand-new') || what.includes('leasegate:boundary'))).toBe(true)
    const everything = await notApplied(world.reader, policy, { ...options, admission: true })
    expect(everything.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^ValidatingAdmissionPolicy /))
  })

  test('a right of its own is found twice, by what gives it and by what it allows, and is gone after the mend', async () => {
    await kubectl('create', 'clusterrolebinding', 'too-much', '--clusterrole=view', ACCOUNT)
    const { findings } = await examine()
    expect(findings.map(({ what }) => what)).toEqual([
      'ClusterRoleBinding too-much gives ServiceAccount leasegate/boundary the ClusterRole view',
      expect.stringMatching(
        /^the boundary's own account system:serviceaccount:leasegate:boundary may get, list, watch /,
      ),
    ])
    expect(await world.paste(findings[0]?.mend ?? 'false')).toMatchObject({ code: 0 })
    expect(await whats()).toEqual([])
  })

  test.each(['system:serviceaccounts:leasegate', 'system:serviceaccounts', 'system:authenticated'])(
    'what one namespace gives to %s is a right of its own too, and is gone after the mend',
    async group => {
      await kubectl('create', 'rolebinding', 'for-all', '-n', 'shop', '--clusterrole=view', `--group=${group}`)
      const { findings } = await examine()
      expect(findings.map(({ what }) => what)).toEqual([
        `RoleBinding for-all in shop gives Group ${group} the ClusterRole view`,
      ])
      expect(await world.paste(findings[0]?.mend ?? 'false')).toMatchObject({ code: 0 })
      expect(await whats()).toEqual([])
    },
  )

  test('the right to act as anybody is found', async () => {
    await kubectl('create', 'clusterrole', 'anybody', '--verb=impersonate', '--resource=users,groups')
    await kubectl('create', 'clusterrolebinding', 'anybody', '--clusterrole=anybody', ACCOUNT)
    expect(await whats()).toContainEqual(expect.stringMatching(/may impersonate users; impersonate groups/))
    await kubectl('delete', 'clusterrolebinding', 'anybody')
  })
})

describe('examineAdmission', () => {
  const account = { kind: 'serviceAccount', namespace: 'leasegate', name: 'boundary' } as const
  const examine = async (policy = world.policy) => (await examineAdmission(world.reader, policy, account)).findings
  const patch = (what: string, name: string, change: object) =>
    kubectl('patch', what, name, '--type=merge', '-p', JSON.stringify(change))

  beforeAll(() => world.kubectl(['apply', '--server-side', '-f', '-'], toYaml(toAdmission(world.policy, account))))

  test('finds nothing where what policy rbac prints is applied', async () => {
    expect(await examine()).toEqual([])
  })

  test.each([
    {
      name: 'a policy that is gone',
      spoil: () => kubectl('delete', 'validatingadmissionpolicy', 'leasegate-pods.leasegate'),
      finds: 'ValidatingAdmissionPolicy leasegate-pods.leasegate is missing',
    },
    {
      name: 'a binding that is gone',
      spoil: () => kubectl('delete', 'validatingadmissionpolicybinding', 'leasegate-deletion.leasegate'),
      finds: 'ValidatingAdmissionPolicyBinding leasegate-deletion.leasegate is missing',
    },
    {
      name: 'a policy that lets pass what it cannot judge',
      spoil: () =>
        patch('validatingadmissionpolicy', 'leasegate-boundary.leasegate', { spec: { failurePolicy: 'Ignore' } }),
      finds: 'ValidatingAdmissionPolicy leasegate-boundary.leasegate is not what the policy says',
    },
    {
      name: 'a binding that leaves namespaces out',
      spoil: () =>
        patch('validatingadmissionpolicybinding', 'leasegate-pods.leasegate', {
          spec: { matchResources: { namespaceSelector: { matchLabels: { judged: 'yes' } } } },
        }),
      finds: 'ValidatingAdmissionPolicyBinding leasegate-pods.leasegate is not what the policy says',
    },
    {
      name: 'a binding that only warns',
      spoil: () =>
        patch('validatingadmissionpolicybinding', 'leasegate-pods.leasegate', {
          spec: { validationActions: ['Warn'] },
        }),
      finds: 'ValidatingAdmissionPolicyBinding leasegate-pods.leasegate is not what the policy says',
    },
    {
      name: 'a policy of an older policy file',
      spoil: () =>
        kubectl(
          'patch',
          'validatingadmissionpolicy',
          'leasegate-pods.leasegate',
          '--type=json',
          '-p',
          '[{"op": "replace", "path": "/spec/variables/0/expression", "value": "{\\"guardedNamespace\\":\\"\\"}"}]',
        ),
      finds: 'ValidatingAdmissionPolicy leasegate-pods.leasegate is not what the policy says',
    },
  ])('$name is found, and gone after the mend', async ({ spoil, finds }) => {
    await spoil()
    const findings = await examine()
    expect(findings).toEqual([expect.objectContaining({ severity: 'critical', what: finds })])
    expect(await world.paste(findings[0]?.mend ?? 'false')).toMatchObject({ code: 0 })
    expect(await examine()).toEqual([])
  })

  test('a policy file that was changed is seen before it is applied', async () => {
    const templates = world.policy.templates.map(template => ({ ...template, serviceAccounts: ['web'] }))
    const findings = await examine({ ...world.policy, templates })
    expect(findings.map(({ what }) => what)).toEqual(
      ['boundary', 'pods', 'fields', 'deletion', 'bound', 'plans'].map(
        name => `ValidatingAdmissionPolicy leasegate-${name}.leasegate is not what the policy says`,
      ),
    )
  })
})

describe('examinePolicy', () => {
  const RULE: TemplateRule = {
    scope: 'namespaces',
    verbs: ['get', 'list'],
    apiGroups: [''],
    resources: ['pods'],
    resourceNames: [],
    nonResourceURLs: [],
    commands: [],
    stdin: false,
    fields: [],
  }

  async function found(rule: Partial<TemplateRule>, namespaces = ['shop']) {
    const templates = world.policy.templates.map(template => ({
      ...template,
      rules: [{ ...RULE, ...rule }],
      grants: [{ agent: 'deployer', namespaces }],
    }))
    return (await examinePolicy(world.reader, { ...world.policy, templates })).findings
  }

  test.each([
    { name: 'resources that are there', rule: {} },
    { name: 'everything', rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] } },
    {
      name: 'a resource with its subresource',
      rule: { verbs: ['get', 'list', 'watch'], resources: ['pods', 'pods/log'] },
    },
    { name: 'exec by create alone', rule: { verbs: ['create'], resources: ['pods/exec'] } },
    { name: 'a cluster-scoped resource in its scope', rule: { scope: 'cluster' as const, resources: ['nodes'] } },
    { name: 'impersonation', rule: { scope: 'cluster' as const, verbs: ['impersonate'], resources: ['namespaces'] } },
  ])('finds nothing in $name', async ({ rule }) => {
    expect(await found(rule)).toEqual([])
  })

  test.each([
    {
      name: 'an unknown resource',
      rule: { resources: ['gadgets'] },
      severity: 'error',
      finds: /gadgets in the core group, which this cluster does not have/,
      mend: /kubectl api-resources/,
    },
    {
      name: 'a resource of another group',
      rule: { resources: ['deployments'] },
      severity: 'error',
      finds: /deployments in the core group/,
      mend: /Let apiGroups be "apps"\./,
    },
    {
      name: 'verbs that do nothing',
      rule: { verbs: ['get', 'deletecollection'], resources: ['pods/status'] },
      severity: 'warning',
      finds: /grants deletecollection on pods\/status/,
      mend: /Take deletecollection out/,
    },
    {
      name: 'a cluster-scoped resource in namespaces',
      rule: { resources: ['nodes'] },
      severity: 'warning',
      finds: /grants nodes in namespaces, and they are in none/,
      mend: /scope: cluster/,
    },
  ])('$name', async ({ rule, severity, finds, mend }) => {
    expect(await found(rule)).toEqual([
      expect.objectContaining({ severity, what: expect.stringMatching(finds), mend: expect.stringMatching(mend) }),
    ])
  })

  test('a namespace that is not there is found, and gone when it is made', async () => {
    expect(await found({}, ['shop', 'nowhere'])).toEqual([
      expect.objectContaining({ severity: 'warning', what: expect.stringMatching(/granted in nowhere/) }),
    ])
    await kubectl('create', 'namespace', 'nowhere')
    expect(await found({}, ['shop', 'nowhere'])).toEqual([])
  })
})
