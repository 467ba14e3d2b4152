import { describe, expect, test } from 'vitest'
import { budgetsOf } from '../../src/policy/budgets.ts'
import { aRequest } from './a-request.ts'

describe('budgetsOf', () => {
  test.each([
    { line: 'GET /version', want: [] },
    { line: 'GET /apis/apps/v1', want: [] },
    { line: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', want: [] },
    { line: 'GET /metrics', want: ['requests'] },
    { line: 'GET /api/v1/namespaces/x/pods?watch=true', want: ['requests'] },
    { line: 'PATCH /api/v1/namespaces/x/pods/p', want: ['requests', 'mutations'] },
    { line: 'PATCH /api/v1/namespaces/x/pods/p?dryRun=All', want: ['requests', 'mutations'] },
    { line: 'DELETE /api/v1/namespaces/x/pods/p', want: ['requests', 'mutations', 'deletes'] },
    { line: 'DELETE /api/v1/namespaces/x/pods', want: ['requests', 'mutations', 'deletes'] },
    { line: 'POST /api/v1/namespaces/x/pods/p/eviction', want: ['requests', 'mutations', 'deletes'] },
    { line: 'GET /api/v1/namespaces/x/secrets/s', want: ['requests', 'secretReads'] },
    { line: 'GET /api/v1/secrets?watch=1', want: ['requests', 'secretReads'] },
    { line: 'DELETE /api/v1/namespaces/x/secrets/s', want: ['requests', 'mutations', 'deletes', 'secretReads'] },
    {
      line: 'DELETE /api/v1/namespaces/x/secrets?dryRun=All',
      want: ['requests', 'mutations', 'deletes', 'secretReads'],
    },
    { line: 'PATCH /api/v1/namespaces/x/secrets/s?dryRun=All', want: ['requests', 'mutations', 'secretReads'] },
    { line: 'POST /api/v1/namespaces/x/secrets', want: ['requests', 'mutations'] },
    {
      line: 'PATCH /api/v1/namespaces/x/configmaps/c',
      contentType: 'application/merge-patch+json',
      body: '{"metadata":{"finalizers":null}}',
      want: ['requests', 'mutations', 'deletes'],
    },
    { line: 'GET /apis/example.org/v1/namespaces/x/secrets/s', want: ['requests'] },
    {
      line: 'PATCH /apis/apps/v1/namespaces/x/deployments/d',
      contentType: 'application/merge-patch+json',
      body: '{"spec":{"template":{"spec":{"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"s"}}]}]}}}}',
      want: ['requests', 'mutations', 'secretReads'],
    },
    { line: 'GET /api/v1/namespaces/x/pods/p/exec?command=ls', upgrade: true, want: ['requests', 'mutations'] },
    { line: 'GET /api/v1/namespaces/x/pods/p/portforward', upgrade: true, want: ['requests', 'mutations'] },
  ])('$line takes $want', ({ line, want, ...sent }) => {
    expect(budgetsOf(aRequest(line, sent))).toEqual(want)
  })
})
