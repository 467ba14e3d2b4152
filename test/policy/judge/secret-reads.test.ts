import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mayReadSecrets } from '../../../src/policy/secret-reads.ts'
import type { RequestInfo } from '../../../src/request/api-request.ts'

const QUERY = new URL('../../../src/record/queries/secrets-read.sql', import.meta.url)
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'proxy', '']

const info = (change: Partial<RequestInfo>): RequestInfo => ({
  isResourceRequest: true,
  verb: 'get',
  apiPrefix: 'api',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: 'x',
  resource: 'secrets',
  subresource: '',
  name: 's',
  fieldSelector: '',
  labelSelector: '',
  ...change,
})

describe('mayReadSecrets', () => {
  test('is of one mind with the saved query', () => {
    const [, listed = ''] = /verb IN \(([^)]*)\)/.exec(readFileSync(QUERY, 'utf8')) ?? []
    const asked = VERBS.filter(verb => listed.includes(`'${verb}'`))
    expect(VERBS.filter(verb => mayReadSecrets(info({ verb })))).toEqual(asked)
    expect(asked).toContain('patch')
  })

  test.each([
    { apiGroup: 'image.openshift.io', resource: 'imagestreams', subresource: 'secrets', verb: 'get', want: true },
    { apiGroup: 'image.openshift.io', resource: 'imagestreams', subresource: '', verb: 'get', want: false },
    { apiGroup: 'oauth.openshift.io', resource: 'oauthaccesstokens', subresource: '', verb: 'list', want: true },
    { apiGroup: 'core.gardener.cloud', resource: 'shoots', subresource: 'adminkubeconfig', verb: 'create', want: true },
    { apiGroup: 'core.gardener.cloud', resource: 'shoots', subresource: '', verb: 'create', want: false },
    { apiGroup: 'management.cattle.io', resource: 'tokens', subresource: '', verb: 'delete', want: true },
  ])('what others answer with credentials: $verb $apiGroup $resource $subresource: $want', ({ want, ...given }) => {
    expect(mayReadSecrets(info(given))).toBe(want)
  })

  test('knows Secrets of nobody else', () => {
    const others = [
      info({ apiGroup: 'example.org' }),
      info({ resource: 'configmaps' }),
      info({ isResourceRequest: false }),
    ]
    expect(others.filter(mayReadSecrets)).toEqual([])
  })
})
