import { describe, expect, test } from 'vitest'
import { budgetsOf, takenBy } from '../../../src/policy/budgets.ts'
import { aRequest } from '../a-request.ts'

const asJson = (line: string) => ({
  contentType: line.startsWith('PUT') ? 'application/json' : 'application/merge-patch+json',
})

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
    ...[
      { line: 'PATCH /apis/batch/v1/namespaces/x/cronjobs/c', body: '{"spec":{"successfulJobsHistoryLimit":0}}' },
      { line: 'PUT /apis/batch/v1/namespaces/x/cronjobs/c', body: '{"spec":{"failedJobsHistoryLimit":0}}' },
      { line: 'PATCH /apis/apps/v1/namespaces/x/deployments/d', body: '{"spec":{"revisionHistoryLimit":20}}' },
      { line: 'PUT /apis/apps/v1/namespaces/x/statefulsets/s', body: '{"spec":{"revisionHistoryLimit":2}}' },
      { line: 'PUT /api/v1/namespaces/x/pods/p', body: '{"spec":{"activeDeadlineSeconds":1}}' },
      { line: 'PUT /apis/batch/v1/namespaces/x/jobs/j', body: '{"spec":{"activeDeadlineSeconds":1}}' },
      {
        line: 'PATCH /api/v1/persistentvolumes/v',
        body: '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}',
      },
      {
        line: 'PATCH /apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents/v',
        body: '{"spec":{"deletionPolicy":"Delete"}}',
      },
      { line: 'PATCH /apis/apps/v1/namespaces/x/statefulsets/s/scale', body: '{"spec":{"replicas":0}}' },
    ].map(({ line, body }) => ({ ...asJson(line), line, body, want: ['requests', 'mutations', 'deletes'] })),
    ...[
      { line: 'PUT /apis/apps/v1/namespaces/x/deployments/d', body: '{"spec":{"revisionHistoryLimit":10}}' },
      { line: 'PUT /apis/batch/v1/namespaces/x/cronjobs/c', body: '{"spec":{"successfulJobsHistoryLimit":3}}' },
      {
        line: 'PATCH /api/v1/persistentvolumes/v',
        body: '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}',
      },
      { line: 'PATCH /apis/apps/v1/namespaces/x/deployments/d/scale', body: '{"spec":{"replicas":0}}' },
      { line: 'PATCH /apis/batch/v1/namespaces/x/cronjobs/c', body: '{"spec":{"suspend":true}}' },
    ].map(({ line, body }) => ({ ...asJson(line), line, body, want: ['requests', 'mutations'] })),
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

describe('other code in pods that may have Secrets', () => {
  const image = {
    contentType: 'application/merge-patch+json',
    body: '{"spec":{"template":{"spec":{"containers":[]}}}}',
  }
  const label = { contentType: 'application/merge-patch+json', body: '{"metadata":{"labels":{"a":"b"}}}' }
  const taken = (sent: object, granted?: string) =>
    budgetsOf(aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/d', sent), granted).includes('secretReads')

  test('takes a read of a Secret where the lease may have it without being asked, and only then', () => {
    expect(taken(image, 'account:web secret:db')).toBe(true)
    expect(taken(image, 'account:web')).toBe(false)
    expect(taken(image)).toBe(false)
    expect(taken(label, 'secret:db')).toBe(false)
  })
})

describe('takenBy', () => {
  const SENT = { contentType: 'application/json', body: '{"metadata":{"name":"c"}}' }
  const objectOf = (line: string, sent = {}, id = 'r-1') =>
    takenBy(aRequest(line, sent), [{}, { objects: 3 }], id).object

  test('a lease that counts neither objects nor seconds takes what it took before', () => {
    const request = aRequest('DELETE /api/v1/namespaces/x/pods/p')
    expect(takenBy(request, [{ requests: 5 }, {}], 'r-1')).toEqual({ take: budgetsOf(request) })
  })

  test('of a lease that does, or of one above it, also the object and the second, that one last', () => {
    const limits = [{}, { objects: 3, requestsPerSecond: 2 }]
    expect(takenBy(aRequest('DELETE /api/v1/namespaces/x/pods/p'), limits, 'r-1')).toEqual({
      take: ['requests', 'mutations', 'deletes', 'objects', 'requestsPerSecond'],
      object: expect.stringMatching(/^[\w-]{22}$/),
    })
    expect(takenBy(aRequest('GET /api/v1/namespaces/x/pods/p'), limits, 'r-1')).toEqual({
      take: ['requests', 'requestsPerSecond'],
    })
    expect(takenBy(aRequest('GET /version'), limits, 'r-1')).toEqual({ take: [] })
  })

  test('of a session that a lease or one above it counts in seconds, those too, whichever kind of session', () => {
    const limits = [{ requestsPerSecond: 2 }, { execSeconds: 60 }]
    const taken = (line: string, upgrade = true) =>
      takenBy(aRequest(`GET /api/v1/namespaces/x/pods/p/${line}`, { upgrade }), limits, 'r-1').take
    const want = ['requests', 'mutations', 'execSeconds', 'requestsPerSecond']
    expect(taken('exec?command=ls&stdout=true')).toEqual(want)
    expect(taken('attach?stdout=true')).toEqual(want)
    expect(taken('portforward')).toEqual(want)
    expect(taken('proxy/terminal')).toContain('execSeconds')
    expect(taken('proxy/terminal', false)).not.toContain('execSeconds')
    expect(taken('log?follow=true', false)).toEqual(['requests', 'requestsPerSecond'])
  })

  test('is the same object whichever way it is changed, by its name in the body too', () => {
    const [first, ...others] = [
      objectOf('PUT /api/v1/namespaces/x/configmaps/c', SENT),
      objectOf('DELETE /api/v1/namespaces/x/configmaps/c'),
      objectOf('PATCH /api/v1/namespaces/x/configmaps/c/status'),
      objectOf('POST /api/v1/namespaces/x/configmaps', SENT),
      objectOf('POST /api/v1/namespaces/x/configmaps', SENT, 'r-2'),
    ]
    expect(new Set(others)).toEqual(new Set([first]))
  })

  test('is the same object however its body is written, for its path names it', () => {
    const unread = { contentType: 'application/apply-patch+cbor', body: 'x' }
    const line = 'PATCH /api/v1/namespaces/x/configmaps/c'
    expect(objectOf(line, unread)).toBe(objectOf(line, SENT))
    expect(objectOf(line, unread, 'r-2')).toBe(objectOf(line, unread))
  })

  test('a namespace that is made is the one that is changed then', () => {
    const made = objectOf('POST /api/v1/namespaces', {
      contentType: 'application/json',
      body: '{"metadata":{"name":"x"}}',
    })
    expect(objectOf('PATCH /api/v1/namespaces/x')).toBe(made)
    expect(
      objectOf('PUT /api/v1/namespaces/x/status', {
        contentType: 'application/json',
        body: '{"metadata":{"name":"x"}}',
      }),
    ).toBe(made)
  })

  test.each([
    { line: 'DELETE /api/v1/namespaces/y/configmaps/c' },
    { line: 'DELETE /api/v1/namespaces/x/configmaps/d' },
    { line: 'DELETE /api/v1/namespaces/x/services/c' },
    { line: 'DELETE /apis/example.org/v1/namespaces/x/configmaps/c' },
  ])('$line is another', ({ line }) => {
    expect(objectOf(line)).not.toBe(objectOf('DELETE /api/v1/namespaces/x/configmaps/c'))
  })

  test('what gets its name from the API server is new each time, and what is many cannot be counted', () => {
    const made = (id: string) =>
      objectOf('POST /api/v1/namespaces/x/configmaps', { body: '{"metadata":{"generateName":"c-"}}' }, id)
    expect(made('r-1')).not.toBe(made('r-2'))
    expect(objectOf('DELETE /api/v1/namespaces/x/configmaps')).toBe('*')
    expect(objectOf('DELETE /api/v1/namespaces/x')).toBe('*')
  })
})
