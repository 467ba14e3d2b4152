import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TemplateRule } from '../../../src/policy/policy.ts'
import { examineBoundaryAccount } from '../../../src/proof/doctor/cluster/boundary-account.ts'
import { examinePolicy } from '../../../src/proof/doctor/cluster/policy-in-cluster.ts'
import { aProofCluster, type ProofCluster } from '../verify/a-cluster.ts'

let world: ProofCluster

beforeAll(async () => {
  world = await aProofCluster()
  await world.kubectl(['create', 'serviceaccount', 'boundary', '-n', 'leasegate'])
})
afterAll(() => world.stop())

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
      spoil: () => kubectl('delete', 'clusterrole', 'leasegate:task:look'),
      finds: /ClusterRole leasegate:task:look is missing/,
      why: 'Leases of template look cannot do their task.',
    },
    {
      name: "a missing binding of the boundary for a template's namespace",
      spoil: () => kubectl('delete', 'rolebinding', 'leasegate:boundary:task:look', '-n', 'shop'),
      finds: /RoleBinding leasegate:boundary:task:look in shop is missing/,
      why: 'Leases of template look cannot do their task.',
    },
    {
      name: 'a missing right to act as agents',
      spoil: () =>
        kubectl(
          'patch',
          'clusterrole',
          'leasegate:boundary',
          '--type=json',
          '-p',
          '[{"op":"remove","path":"/rules/0"}]',
        ),
      finds: /ClusterRole leasegate:boundary is missing, or is not/,
      why: 'The boundary cannot act as any agent.',
    },
  ])('$name is found, says what cannot work, and is gone after the mend', async ({ spoil, finds, why }) => {
    await spoil()
    const { findings } = await examine()
    expect(findings).toEqual([expect.objectContaining({ severity: 'error', what: expect.stringMatching(finds), why })])
    expect(await world.paste(findings[0]?.mend ?? 'false')).toMatchObject({ code: 0 })
    expect((await examine()).findings).toEqual([])
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
