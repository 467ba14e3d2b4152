import { describe, expect, test } from 'vitest'
import { readAnywhere } from '../../src/request/read-request.ts'

const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/x/roles'

function readPath(path: string) {
  const target = path.replace(/[^\x21-\x7e]/gu, encodeURIComponent)
  return readAnywhere({
    id: 'r',
    method: 'GET',
    target,
    headers: [],
    body: Buffer.alloc(0),
    route: null,
    source: '::1',
  })
}

describe('refuseLetters', () => {
  test.each([
    '/api/v1/namespaces/x/pods/x\uff0f',
    '/api/v1/namespaces/x/pods/caf\u00e9',
    '/api/v1/namespaces/x\u2215y/pods/p',
    '/api/v1/namespaces/x/p\u043eds/p',
    '/api/v1/namespaces/x/pods/p/l\u043eg',
    '/apis/\u0430pps/v1/namespaces/x/deployments/d',
    '/apis/apps/v\u0661/namespaces/x/deployments/d',
    '/apis/example.org/v1/namespaces/x/roles/caf\u00e9',
    ...['\uff0f', '\u2215', '\u29f8', '\u2044', '\uff41dmin', '\u00bd', '\u212a'].map(name => `${ROLES}/${name}`),
  ])('%s', path => {
    expect(readPath(path)).toMatchObject({ kind: 'refused', reason: 'odd-path' })
  })

  test.each([`${ROLES}/caf\u00e9`, `${ROLES}/\u5f79\u5272`, '/api/v1/namespaces/x/services/p/proxy/caf\u00e9'])(
    'but not %s',
    path => {
      expect(readPath(path).kind).toBe('read')
    },
  )
})
