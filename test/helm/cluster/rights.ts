import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { CHART, NAMESPACE, valuesOf } from '../chart/a-chart.ts'
import { world } from './the-cluster.ts'

const BOUNDARY = 'lg-leasegate-envoy'
const LEASE = ['--as=leasegate:deployer', '--as-group=leasegate:agents', '--as-group=leasegate:task:restart-web']

const GENERATED = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } })

/** kubectl as the boundary. */
async function boundary(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await world.as(BOUNDARY, args)
  return code === 0 ? 'done' : stderr
}

/** One line each, as `kubectl auth can-i --list` has them. */
async function rightsOf(account: string): Promise<readonly string[]> {
  const { code, stdout } = await world.as(account, ['auth', 'can-i', '--list', '--no-headers', '-n', NAMESPACE])
  expect(code).toBe(0)
  return stdout
    .split('\n')
    .map(line => line.trim().replaceAll(/ +/g, ' '))
    .filter(line => line !== '')
    .sort()
}

describe('a release', () => {
  beforeAll(async () => {
    const { code, stderr } = await world.helm(['install', CHART], await valuesOf('minimal'))
    if (code !== 0) throw new Error(stderr)
  })

  describe.each(['constrained', 'legacy'])("the boundary's account, with %s impersonation", mode => {
    beforeAll(async () => {
      const values = { ...(await valuesOf('minimal')), rbac: { impersonation: mode } }
      const { code, stderr } = await world.helm(['upgrade', CHART], values)
      if (code !== 0) throw new Error(stderr)
      await until(
        'the rights to be there',
        async () => (await boundary('get', 'pods', '-n', 'shop', ...LEASE)) === 'done',
      )
    })

    test.each([
      { name: 'what a lease of the task may', args: ['get', 'pods', '-n', 'shop', ...LEASE] },
      { name: 'discovery, as an agent', args: ['get', '--raw', '/apis', ...LEASE] },
    ])('can do $name', async ({ args }) => {
      expect(await boundary(...args)).toBe('done')
    })

    test.each([
      { name: 'anything by itself', args: ['get', 'pods', '-n', 'shop'], says: /cannot list resource "pods"/ },
      {
        name: 'read its own namespace',
        args: ['get', 'secrets', '-n', NAMESPACE],
        says: /cannot list resource "secrets"/,
      },
      { name: 'act as an admin', args: ['get', 'pods', '-n', 'shop', '--as=kubernetes-admin'], says: /impersonate/ },
      {
        name: 'act as system:masters',
        args: ['get', 'pods', '-n', 'shop', '--as=leasegate:deployer', '--as-group=system:masters'],
        says: /impersonate/,
      },
      {
        name: 'act as an agent that is in no policy',
        args: ['get', 'pods', '-n', 'shop', '--as=leasegate:other', '--as-group=leasegate:task:restart-web'],
        says: /impersonate/,
      },
      {
        name: 'act for a task that is in no policy',
        args: ['get', 'pods', '-n', 'shop', '--as=leasegate:deployer', '--as-group=leasegate:task:other'],
        says: /impersonate/,
      },
      {
        name: 'act as a service account',
        args: ['get', 'pods', '-n', 'shop', '--as=system:serviceaccount:kube-system:default'],
        says: /impersonate/,
      },
      {
        name: 'act as a node',
        args: ['get', 'pods', '-n', 'shop', '--as=system:node:node-0', '--as-group=system:nodes'],
        says: /impersonate/,
      },
      {
        name: "say whatever it likes of the user's id",
        args: ['get', 'pods', '-n', 'shop', ...LEASE, '--as-uid=1234'],
        says: /impersonate/,
      },
      {
        name: 'say more of the user than lease, task and sponsor',
        args: ['get', 'pods', '-n', 'shop', ...LEASE, '--as-user-extra=scopes=all'],
        says: /impersonate/,
      },
      {
        name: 'go beyond the task, in another namespace',
        args: ['get', 'pods', '-n', 'agents', ...LEASE],
        says: /Forbidden|forbidden/,
      },
      {
        name: 'go beyond the task, to Secrets',
        args: ['get', 'secrets', '-n', 'shop', ...LEASE],
        says: /Forbidden|forbidden/,
      },
      {
        name: 'go beyond the task, by a verb',
        args: ['delete', '--raw', '/api/v1/namespaces/shop/pods/web', ...LEASE],
        says: /Forbidden|forbidden/,
      },
    ])('cannot $name', async ({ args, says }) => {
      expect(await boundary(...args)).toMatch(says)
    })

    test('has no other right than to act as somebody', async () => {
      const [own, anybodys] = [await rightsOf(BOUNDARY), await rightsOf('default')]
      // Who am I, and what may I: everybody may ask, and the boundary on behalf of agents as well.
      const more = own.filter(right => !anybodys.includes(right) && !right.startsWith('selfsubject'))
      expect(more.length).toBeGreaterThan(1)
      const verbs = more.flatMap(right => (/\[([^\]]*)\]$/.exec(right)?.[1] ?? '').split(' '))
      expect(verbs.filter(verb => !/^impersonate(:user-info|-on:user-info:[a-z]+)?$/.test(verb))).toEqual([])
    })
  })

  describe.each(['authorizer', 'tap'])('the account of %s', component => {
    test('has no right at all', async () => {
      expect(await rightsOf(`lg-leasegate-${component}`)).toEqual(await rightsOf('default'))
    })
  })

  describe('the account of broker', () => {
    test('looks, and acts as what tries for an agent: no Secret, no write', async () => {
      const [own, anybodys] = [await rightsOf('lg-leasegate-broker'), await rightsOf('default')]
      const more = own.filter(right => !anybodys.includes(right))
      expect(more.length).toBeGreaterThan(1)
      const verbs = more.flatMap(right => (/\[([^\]]*)\]$/.exec(right)?.[1] ?? '').split(' '))
      expect(verbs.filter(verb => !/^(get|list|impersonate(:user-info|-on:user-info:[a-z]+)?)$/.test(verb))).toEqual([])
      expect(more.filter(right => /^(secrets|\*)[. ]/.test(right))).toEqual([])
    })
  })

  describe('admission, behind RBAC once more', () => {
    /** Somebody who acts as a lease and whom RBAC would let do everything. */
    const leased = async (args: readonly string[], input?: string) => {
      const as = ['--as=leasegate:deployer', '--as-group=leasegate:agents', '--as-group=system:masters']
      const { code, stderr } = await world.cluster.admin([...args, ...as], input)
      return code === 0 ? 'done' : stderr
    }

    beforeAll(async () => {
      const refused = async () =>
        /do not reach into/.test(await leased(['create', 'configmap', 'x', '-n', NAMESPACE, '--dry-run=server']))
      await until('the admission policy to be in force', refused, 30_000)
    })

    test.each([
      { name: 'makes something in our namespace', args: ['create', 'configmap', 'x', '-n', NAMESPACE] },
      { name: 'changes something there', args: ['label', 'configmap', 'lg-leasegate-policy', 'a=b', '-n', NAMESPACE] },
      { name: 'deletes something there', args: ['delete', 'service', BOUNDARY, '-n', NAMESPACE] },
      { name: 'deletes all of a kind there', args: ['delete', '--raw', `/api/v1/namespaces/${NAMESPACE}/configmaps`] },
      { name: 'makes a token there', args: ['create', 'token', BOUNDARY, '-n', NAMESPACE] },
      { name: 'relabels the namespace', args: ['label', 'namespace', NAMESPACE, 'a=b'] },
      { name: 'deletes the namespace', args: ['delete', 'namespace', NAMESPACE, '--wait=false'] },
    ])('nobody who acts as a lease $name', async ({ args }) => {
      expect(await leased(args)).toMatch(/leased identities do not reach into the namespace of Leasegate/)
    })

    test.each([
      {
        name: 'everybody',
        args: ['create', 'clusterrolebinding', 'x', '--clusterrole=view', '--group=system:authenticated'],
      },
      { name: 'the admins', args: ['create', 'rolebinding', 'x', '--role=x', '--group=system:masters', '-n', 'shop'] },
      {
        name: 'all leases',
        args: ['create', 'rolebinding', 'x', '--role=x', '--group=leasegate:agents', '-n', 'shop'],
      },
    ])('nor binds $name to a role', async ({ args }) => {
      expect(await leased(args)).toMatch(/leased identities bind no group of Kubernetes or of Leasegate/)
    })

    describe('what changes more than it says', () => {
      const guarded = 'pod-security.kubernetes.io/enforce'
      const change = (kind: string, name: string, patch: object) => {
        const [as, where] = [['--type=merge', '-p', JSON.stringify(patch)], kind === 'namespace' ? [] : ['-n', 'shop']]
        return leased(['patch', kind, name, ...where, ...as])
      }
      /** Somebody who may change what is in the namespace, and not delete it. */
      const changed = async (name: string, patch: object) => {
        const as = ['--as=leasegate:deployer', '--as-group=leasegate:agents']
        const what = ['patch', 'configmap', name, '-n', 'shop', '--type=merge', '-p', JSON.stringify(patch)]
        const { code, stderr } = await world.cluster.admin([...what, ...as])
        return code === 0 ? 'done' : stderr
      }

      beforeAll(async () => {
        await world.kubectl(['create', 'configmap', 'owner', '-n', 'shop'])
        await world.kubectl(['create', 'configmap', 'held', '-n', 'shop'])
        await world.kubectl(['create', 'role', 'changes', '--verb=get,patch', '--resource=configmaps', '-n', 'shop'])
        const deployer = ['--role=changes', '--user=leasegate:deployer', '-n', 'shop']
        await world.kubectl(['create', 'rolebinding', 'changes', ...deployer])
        const finalizers = { metadata: { finalizers: ['example.com/held'] } }
        await world.kubectl([
          'patch',
          'configmap',
          'held',
          '-n',
          'shop',
          '--type=merge',
          '-p',
          JSON.stringify(finalizers),
        ])
        await world.kubectl(['label', 'namespace', 'shop', `${guarded}=baseline`])
      })

      test('an object is not given to another that may be deleted, nor let go of', async () => {
        const uid = await world.kubectl(['get', 'configmap', 'owner', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}'])
        const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
        const refused = /change no ownerReferences and take no finalizers away/
        expect(await changed('held', { metadata: { ownerReferences } })).toMatch(refused)
        expect(await changed('held', { metadata: { finalizers: null } })).toMatch(refused)
        expect(await changed('held', { metadata: { finalizers: ['example.com/held', 'b.com/c'] } })).toBe('done')
        expect(await changed('held', { data: { a: 'b' } })).toBe('done')
      })

      test.each([
        { name: 'loosened', labels: { [guarded]: 'privileged' }, want: /loosen no Pod Security/ },
        { name: 'taken away', labels: { [guarded]: null }, want: /loosen no Pod Security/ },
        { name: 'tied to an old version', labels: { [`${guarded}-version`]: 'v1.0' }, want: /loosen no Pod Security/ },
        { name: 'kept beside a new label', labels: { team: 'a' }, want: /^done$/ },
        { name: 'tightened', labels: { [guarded]: 'restricted' }, want: /^done$/ },
      ])('the guard of a namespace is $name', async ({ labels, want }) => {
        expect(await change('namespace', 'shop', { metadata: { labels } })).toMatch(want)
      })

      test('a namespace is not made without one that others would have', async () => {
        const made = (level: string) =>
          leased(
            ['create', '-f', '-', '--dry-run=server'],
            JSON.stringify({
              apiVersion: 'v1',
              kind: 'Namespace',
              metadata: { name: 'new', labels: { [guarded]: level } },
            }),
          )
        expect(await made('privileged')).toMatch(/loosen no Pod Security/)
        expect(await made('restricted')).toBe('done')
      })

      test('status and scale are written as before', async () => {
        await world.kubectl(['create', 'deployment', 'web', '--image=x', '--replicas=0', '-n', 'shop'])
        expect(await leased(['scale', 'deployment', 'web', '--replicas=1', '-n', 'shop'])).toBe('done')
        expect(await leased(['rollout', 'restart', 'deployment', 'web', '-n', 'shop'])).toBe('done')
        expect(
          await leased(['delete', 'deployment', 'web', '-n', 'shop', '--cascade=foreground', '--wait=false']),
        ).toBe('done')
      })
    })

    test('elsewhere they do what RBAC lets them, and others do as before', async () => {
      expect(await leased(['create', 'configmap', 'x', '-n', 'shop'])).toBe('done')
      expect(await leased(['create', 'rolebinding', 'x', '--role=x', '--group=team-a', '-n', 'shop'])).toBe('done')
      expect(await leased(['delete', 'rolebinding', 'x', '-n', 'shop'])).toBe('done')
      expect(await leased(['create', 'clusterrole', 'x', '--verb=get', '--resource=pods'])).toBe('done')
      expect(await leased(['create', 'namespace', 'x'])).toBe('done')
      expect(await leased(['create', '-f', '-', '-n', 'shop'], GENERATED)).toBe('done')
      await world.kubectl(['label', 'configmap', 'lg-leasegate-policy', 'a=b', '-n', NAMESPACE])
    })
  })
})
