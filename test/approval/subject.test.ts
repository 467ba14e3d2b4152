import { describe, expect, test } from 'vitest'
import { subjectOf } from '../../src/approval/subject.ts'
import { read } from '../request/a-http-request.ts'

const NOTHING = new Uint8Array()

describe('subjectOf', () => {
  const secret = subjectOf(read('GET /api/v1/namespaces/dev/secrets/db'), NOTHING)

  test.each(['?x=1', '?pretty=true', '?resourceVersion=0&x=2'])('is the same for %s', query => {
    expect(subjectOf(read(`GET /api/v1/namespaces/dev/secrets/db${query}`), NOTHING)).toBe(secret)
  })

  test.each([
    'GET /api/v1/namespaces/dev/secrets/other',
    'GET /api/v1/namespaces/prod/secrets/db',
    'GET /api/v1/namespaces/dev/configmaps/db',
    'GET /api/v1/namespaces/dev/secrets',
    'DELETE /api/v1/namespaces/dev/secrets/db',
  ])('is another for %s', request => {
    expect(subjectOf(read(request), NOTHING)).not.toBe(secret)
  })

  test('is another for another body', () => {
    const patch = read('PATCH /api/v1/namespaces/dev/secrets/db', {
      headers: [['content-type', 'application/merge-patch+json']],
      route: 'write',
    })
    expect(subjectOf(patch, Buffer.from('{"a":1}'))).not.toBe(subjectOf(patch, Buffer.from('{"a":2}')))
  })

  test('is the same for one object that is got, listed or watched', () => {
    const listed = read('GET /api/v1/namespaces/dev/secrets?fieldSelector=metadata.name%3Ddb')
    expect(subjectOf(listed, NOTHING)).toBe(secret)
  })

  test('is the same for steps that do the same, whatever stands beside them', () => {
    const [said = '', ...others] = [
      [{ op: 'remove', path: '/data' }],
      [{ op: 'remove', path: '/data', value: 1, from: '/a' }],
      [
        { op: 'test', path: '/kind', value: 'ConfigMap' },
        { op: 'remove', path: '/data' },
      ],
    ].map(steps => {
      const body = Buffer.from(JSON.stringify(steps))
      const headers = [['content-type', 'application/json-patch+json']] as const
      return subjectOf(read('PATCH /api/v1/namespaces/dev/configmaps/c', { headers, body, route: 'write' }), body)
    })
    expect(others).toEqual([said, said])
  })
})
