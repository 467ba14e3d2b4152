import { beforeAll, describe, expect, test } from 'vitest'
import { AGENT, GUARDED, SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

/** RBAC would let it do everything. */
const free = () => world.leased('write', 'masters')
const RBAC = '/apis/rbac.authorization.k8s.io/v1'

describe("the boundary's namespace", () => {
  const refused = /do not reach into the namespace of Leasegate/

  test('takes nothing of a lease: neither what is in it, nor the namespace', async () => {
    const maps = `/api/v1/namespaces/${GUARDED}/configmaps`
    expect((await free().post(maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })).said).toMatch(
      refused,
    )
    expect((await free().remove(maps)).said).toMatch(refused)
    expect((await free().patch(`/api/v1/namespaces/${GUARDED}`, { metadata: { labels: { a: 'b' } } })).said).toMatch(
      refused,
    )
    expect((await free().remove(`/api/v1/namespaces/${GUARDED}`)).said).toMatch(refused)
  })
})

describe('rights', () => {
  const bound = (subject: object) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'x' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', name: 'ada', apiGroup: 'rbac.authorization.k8s.io' }, subject],
  })
  const named = (kind: string, name: string) => ({ kind, name, apiGroup: 'rbac.authorization.k8s.io' })
  const account = (namespace: string, name: string) => ({ kind: 'ServiceAccount', namespace, name })
  const bindings = `${RBAC}/namespaces/${SHOP}/rolebindings`

  test.each([
    { name: 'everybody', subject: named('Group', 'system:authenticated') },
    { name: 'all leases', subject: named('Group', 'leasegate:agents') },
    { name: 'an agent', subject: named('User', 'leasegate:bot') },
    { name: 'a user of Kubernetes', subject: named('User', 'system:anonymous') },
    { name: "the agent's own account", subject: account(AGENT.namespace, AGENT.account) },
    {
      name: 'that account by its other name',
      subject: named('User', `system:serviceaccount:${AGENT.namespace}:${AGENT.account}`),
    },
    { name: "the boundary's account", subject: account(GUARDED, 'boundary') },
  ])('are bound by no lease to $name, by create or by patch', async ({ subject }) => {
    const refused = /bind no (group|service account)/
    expect((await free().post(`${bindings}?dryRun=All`, bound(subject))).said).toMatch(refused)
    await world.admin.post(bindings, bound(account(SHOP, 'web')))
    expect((await free().patch(`${bindings}/x?dryRun=All`, { subjects: [subject] })).said).toMatch(refused)
  })

  test('are bound to others as RBAC allows, and stay what they were', async () => {
    const allowed = { ...bound(account(SHOP, 'web')), metadata: { name: 'y' } }
    expect((await free().post(bindings, allowed)).said).toBe('done')
    await world.admin.post(bindings, { ...bound(named('Group', 'system:authenticated')), metadata: { name: 'old' } })
    expect((await free().patch(`${bindings}/old`, { metadata: { labels: { a: 'b' } } })).said).toBe('done')
  })

  test('of leases are changed by no lease', async () => {
    const role = `${RBAC}/clusterroles/leasegate:leasegate:task:write`
    const refused = /change no rights of leases/
    expect((await free().patch(role, { rules: [] })).said).toMatch(refused)
    expect((await free().remove(role)).said).toMatch(refused)
    expect((await free().remove(`${RBAC}/namespaces/${SHOP}/rolebindings`)).said).toMatch(refused)
    expect(
      (await free().patch(`${RBAC}/clusterroles/view?dryRun=All`, { metadata: { labels: { a: 'b' } } })).said,
    ).toBe('done')
  })
})

describe('guards of a namespace', () => {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'baseline',
    'istio-injection': 'enabled',
    'policy.example.com/checked': 'yes',
    team: 'a',
  }
  const annotations = { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=a', note: 'x' }
  const path = '/api/v1/namespaces/guarded'
  const guard = /loosen no/

  beforeAll(async () => {
    await world.admin.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'guarded', labels, annotations },
    })
  })

  const relabelled = async (metadata: object) => (await free().patch(`${path}?dryRun=All`, { metadata })).said

  test.each([
    { what: 'Pod Security is loosened', metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    { what: 'Pod Security is taken away', metadata: { labels: { 'pod-security.kubernetes.io/enforce': null } } },
    { what: 'injection is switched off', metadata: { labels: { 'istio-injection': 'disabled' } } },
    { what: 'a policy is escaped', metadata: { labels: { 'policy.example.com/checked': null } } },
    { what: 'Gatekeeper is told to look away', metadata: { labels: { 'admission.gatekeeper.sh/ignore': 'x' } } },
    { what: 'it is called a control plane', metadata: { labels: { 'control-plane': 'x' } } },
    { what: 'it is given to another team', metadata: { labels: { team: 'b' } } },
    {
      what: 'its nodes are changed',
      metadata: { annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=b' } },
    },
    { what: 'a role is permitted', metadata: { annotations: { 'iam.amazonaws.com/permitted': '.*' } } },
  ])('hold when $what', async ({ metadata }) => {
    expect(await relabelled(metadata)).toMatch(guard)
  })

  test.each([
    { what: 'Pod Security is tightened', metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
    { what: 'a new label says something', metadata: { labels: { cost: '7', 'app.kubernetes.io/part-of': 'shop' } } },
    { what: 'a note is changed', metadata: { annotations: { note: 'y' } } },
  ])('are no hindrance when $what', async ({ metadata }) => {
    expect(await relabelled(metadata)).toBe('done')
  })

  test('hold for a new namespace, which says nothing of itself', async () => {
    const made = async (given: object) =>
      (
        await free().post('/api/v1/namespaces?dryRun=All', {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'new', labels: given },
        })
      ).said
    expect(await made({ 'admission.gatekeeper.sh/ignore': 'x' })).toMatch(guard)
    expect(await made({ 'pod-security.kubernetes.io/enforce': 'privileged' })).toMatch(guard)
    expect(await made({ team: 'a', 'pod-security.kubernetes.io/enforce': 'restricted' })).toBe('done')
  })
})

describe('a Secret that Kubernetes fills with a token', () => {
  const secrets = `/api/v1/namespaces/${SHOP}/secrets`
  const account = 'kubernetes.io/service-account.name'
  const token = (name: string, of: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name, annotations: { [account]: of } },
  })
  const refused = /make no Secret that holds a token/

  test('is made and pointed elsewhere by no lease, unless the template names token-secret', async () => {
    await world.admin.post(`/api/v1/namespaces/${SHOP}/serviceaccounts`, { metadata: { name: 'admin' } })
    await world.admin.post(secrets, token('there', 'default'))
    const turned = {
      metadata: { annotations: { [account]: 'admin', 'kubernetes.io/service-account.uid': null } },
      data: { token: null },
    }
    const person = world.leased('write')
    expect((await person.post(`${secrets}?dryRun=All`, token('new', 'admin'))).said).toMatch(refused)
    expect((await person.patch(`${secrets}/there?dryRun=All`, turned)).said).toMatch(refused)
    expect((await person.patch(`${secrets}/there`, { metadata: { labels: { a: 'b' } } })).said).toBe('done')
    expect((await world.leased('as-anybody').post(`${secrets}?dryRun=All`, token('new', 'admin'))).said).toBe('done')
  })
})
