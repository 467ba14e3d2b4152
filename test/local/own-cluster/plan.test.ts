import { describe, expect, test } from 'vitest'
import { type KubeObject, MARK } from '../../../local/own-cluster/plan/objects.ts'
import { obstacles, toPlan } from '../../../local/own-cluster/plan/plan.ts'

function object(kind: string, name: string, namespace?: string): KubeObject {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
  return { apiVersion: 'v1', kind, metadata: { ...metadata, labels: { [MARK.name]: MARK.value } } }
}

function unmarked({ metadata: { labels: _, ...metadata }, ...rest }: KubeObject): KubeObject {
  return { ...rest, metadata }
}

const namespace = object('Namespace', 'leasegate-system')
const account = object('ServiceAccount', 'leasegate-boundary', 'leasegate-system')
const role = object('ClusterRole', 'leasegate:boundary')
const binding = object('RoleBinding', 'leasegate:task:x', 'shop')
const wanted = [namespace, account, role, binding]
const empty = { wanted, existing: [], marked: [], namespaces: ['shop'] }

describe('toPlan', () => {
  test('in a cluster that has nothing of it, all is created', () => {
    expect(toPlan(empty)).toEqual({ apply: wanted, stale: [], foreign: [], missingNamespaces: [] })
  })

  test('what was created before is brought up to date', () => {
    expect(toPlan({ ...empty, existing: wanted, marked: wanted })).toMatchObject({ apply: wanted, foreign: [] })
  })

  test('a namespace of somebody else is used as it is, and never marked', () => {
    const plan = toPlan({ ...empty, existing: [unmarked(namespace)], namespaces: ['shop', 'leasegate-system'] })
    expect(plan).toMatchObject({ apply: [account, role, binding], foreign: [] })
  })

  test.each([account, role, binding])('somebody else’s $kind is in the way', theirs => {
    const plan = toPlan({ ...empty, existing: [unmarked(theirs)] })
    expect(plan.foreign).toEqual([unmarked(theirs)])
    expect(obstacles(plan)).toEqual([expect.stringContaining(`${theirs.kind} ${theirs.metadata.name}`)])
  })

  test('what the policy no longer has is removed, but for a namespace, which may hold more', () => {
    const gone = object('ClusterRole', 'leasegate:task:gone')
    const marked = [...wanted, gone, object('Namespace', 'earlier')]
    expect(toPlan({ ...empty, existing: wanted, marked }).stale).toEqual([gone])
  })

  test('a binding of the same name in another namespace is another one', () => {
    const other = object('RoleBinding', 'leasegate:task:x', 'shop-dev')
    expect(toPlan({ ...empty, marked: [other] }).stale).toEqual([other])
  })

  test('a granted namespace that is not there is in the way, the boundary’s own is not', () => {
    const plan = toPlan({ ...empty, namespaces: [] })
    expect(plan.missingNamespaces).toEqual(['shop'])
    expect(obstacles(plan)).toEqual([expect.stringContaining('the policy grants shop')])
  })
})
