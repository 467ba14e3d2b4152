import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anOwnCluster, type Kubeconfig, type OwnCluster, ports } from '../../support/cluster/an-own-cluster.ts'
import { start } from '../../support/cluster/own-start.ts'

let own: OwnCluster
let admin: string
let before: readonly string[]

beforeAll(async () => {
  own = await anOwnCluster()
  admin = await own.kubeconfig()
  before = await own.objects()
})
afterAll(() => own.stop())

const changed = (change: (cluster: Record<string, string>) => string) =>
  own.kubeconfig(({ clusters }: Kubeconfig) => {
    for (const { cluster } of clusters) cluster['server'] = change(cluster)
  })
const asUser = (change: (user: Record<string, unknown>) => Record<string, unknown>) =>
  own.kubeconfig(({ users }: Kubeconfig) => {
    for (const each of users) each.user = change(each.user)
  })

describe('npm start -- --kubeconfig', () => {
  test.each([
    { name: 'a token', file: () => own.withToken() },
    { name: 'an exec plugin, and another name in the server’s certificate', file: () => own.withPlugin() },
  ])('works with $name', async ({ file }) => {
    const shown = await start(['--kubeconfig', await file()], own.env)
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('kind: ServiceAccount') })
  })

  test.each([
    {
      name: 'no such context',
      args: async () => ['--kubeconfig', admin, '--context', 'nope'],
      says: 'has no context nope; it has envtest',
    },
    {
      name: 'a cluster that is away',
      args: async () => ['--kubeconfig', await changed(() => 'https://127.0.0.1:1')],
      says: 'the cluster of context envtest (https://127.0.0.1:1) does not answer',
    },
    {
      name: 'a server behind a path',
      args: async () => ['--kubeconfig', await changed(({ server }) => `${server}/k8s/clusters/c-1`)],
      says: 'only https://HOST:PORT can be used',
    },
    {
      name: 'a credential that is none',
      args: async () => ['--kubeconfig', await asUser(() => ({}))],
      says: 'does not answer',
    },
    {
      name: 'no such kubeconfig',
      args: async () => ['--kubeconfig', '/nowhere/config'],
      says: 'there is no kubeconfig /nowhere/config',
    },
    {
      name: 'no such policy file',
      args: async () => ['--kubeconfig', admin, '--policy', '/nowhere/policy.yaml'],
      says: 'there is no policy file /nowhere/policy.yaml',
    },
  ])('says in one sentence: $name', async ({ args, says }) => {
    const { code, stderr } = await start(await args(), own.env)
    expect(code).toBe(1)
    expect(stderr).toContain(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('a first --apply without a policy writes one, asks for it to be read, and changes nothing', async () => {
    const env = { ...own.env, XDG_STATE_HOME: `${own.env['XDG_STATE_HOME']}-new` }
    const { code, stderr } = await start(['--kubeconfig', admin, '--apply', ...(await ports())], env)
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/policy\.yaml is a beginning/) })
    expect(await own.objects()).toEqual(before)
  })

  test('a user who may not grant that: said, and nothing is changed', async () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'half' } }
    const rules = [
      { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
      {
        apiGroups: ['rbac.authorization.k8s.io', 'admissionregistration.k8s.io', ''],
        resources: ['*'],
        verbs: ['create', 'patch'],
      },
      { nonResourceURLs: ['*'], verbs: ['get'] },
    ]
    const { kubectl } = own.cluster
    await kubectl(['create', '-f', '-'], JSON.stringify({ ...role, rules }))
    await kubectl(['create', 'clusterrolebinding', 'half', '--clusterrole=half', '--user=half'])
    const half = await asUser(user => ({ ...user, as: 'half' }))
    const tried = await start(['--kubeconfig', half, '--apply', ...(await ports())], own.env)
    await kubectl(['delete', 'clusterrole,clusterrolebinding', 'half'])
    expect(tried.code).toBe(1)
    expect(tried.stderr).toMatch(
      /^leasegate: nothing was changed, the kubeconfig's user lacks rights: .*not currently held$/m,
    )
    expect(await own.objects()).toEqual(before)
  })

  test('a port that is taken is named before anything is changed', async () => {
    const taken = await listening()
    const port = `${(taken.address() as { readonly port: number }).port}`
    const { code, stderr } = await start(['--kubeconfig', admin, '--apply', '--port', port], own.env)
    await new Promise(resolve => taken.close(resolve))
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`port ${port} (boundary) is in use`),
    })
    expect(await own.objects()).toEqual(before)
  })

  test('somebody else’s role of the same name is not taken over, nor removed', async () => {
    await own.cluster.kubectl([
      'create',
      'clusterrole',
      'leasegate:leasegate-system:boundary',
      '--verb=get',
      '--resource=pods',
    ])
    const withIt = await own.objects()
    const applied = await start(['--kubeconfig', admin, '--apply', ...(await ports())], own.env)
    const removed = await start(['--kubeconfig', admin, '--teardown'], own.env)
    const after = await own.objects()
    await own.cluster.kubectl(['delete', 'clusterrole', 'leasegate:leasegate-system:boundary'])
    expect(applied).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already has ClusterRole leasegate:leasegate-system:boundary'),
    })
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing that this command created') })
    expect(after).toEqual(withIt)
  })
})

async function listening(): Promise<Server> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}
