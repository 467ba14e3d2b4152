import { describe, expect, test } from 'vitest'
import { mayLast } from '../../../src/policy/judge/lasting.ts'
import { aRequest } from '../a-request.ts'

const WEB = '/apis/apps/v1/namespaces/shop/deployments/web'
const MERGE = { contentType: 'application/merge-patch+json', body: '{"spec":{"replicas":2}}' }
const APPLY = {
  contentType: 'application/apply-patch+yaml',
  body: '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"}}',
}

function put(metadata: object) {
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', ...metadata } }
  return { contentType: 'application/json', body: JSON.stringify(body) }
}

describe('a yes may last', () => {
  test.each([
    ['a patch', `PATCH ${WEB}`, MERGE],
    ['a patch of its scale', `PATCH ${WEB}/scale`, MERGE],
    ['a patch of a ConfigMap', 'PATCH /api/v1/namespaces/shop/configmaps/settings', MERGE],
    ['an update that says which version it replaces', `PUT ${WEB}`, put({ resourceVersion: '7' })],
    ['an update that says which object it replaces', `PUT ${WEB}`, put({ uid: 'u' })],
  ])('for %s', (_, line, sent) => {
    expect(mayLast(aRequest(line, sent))).toBe(true)
  })

  test.each([
    ['server-side apply, which creates what is not there', `PATCH ${WEB}?fieldManager=x`, APPLY],
    ['an update that creates what is not there', `PUT ${WEB}`, put({})],
    [
      'an update of what is created by it, whatever version it says',
      'PUT /api/v1/namespaces/shop/services/web',
      put({ resourceVersion: '7' }),
    ],
    ['a create', 'POST /apis/apps/v1/namespaces/shop/deployments', put({})],
    ['a delete', `DELETE ${WEB}`, {}],
    ['a dry run', `PATCH ${WEB}?dryRun=All`, MERGE],
    ['a ConfigMap that says who is who', 'PATCH /api/v1/namespaces/kube-system/configmaps/aws-auth', MERGE],
    ['what the cluster itself runs', 'PATCH /apis/apps/v1/namespaces/kube-system/deployments/coredns', MERGE],
    ['what everybody reads', 'PATCH /api/v1/namespaces/kube-public/configmaps/cluster-info', MERGE],
    ['a Secret', 'PATCH /api/v1/namespaces/shop/secrets/db', MERGE],
    ['a namespace', 'PATCH /api/v1/namespaces/shop', MERGE],
  ])('for no yes to %s', (_, line, sent) => {
    expect(mayLast(aRequest(line, sent))).toBe(false)
  })
})
