import { describe, expect, test } from 'vitest'
import { refuseBody } from '../../src/request/body.ts'
import { readLines } from '../../src/request/lines.ts'
import { anHttpRequest } from './a-http-request.ts'

const JSON_BODY = Buffer.from('{}')
const NO_BODY = Buffer.alloc(0)

function given(method: string, headers: readonly (readonly [string, string])[], body: Uint8Array = NO_BODY) {
  return anHttpRequest({ method, target: '/api/v1/namespaces/x/pods/p/exec', headers, body })
}

describe('refuseBody', () => {
  test.each([
    { name: 'a read', http: given('GET', []) },
    { name: 'a read that says it has none', http: given('HEAD', [['Content-Length', '0']]) },
    { name: 'a write', http: given('POST', [['content-length', '2']], JSON_BODY) },
    { name: 'a write in chunks', http: given('PATCH', [['transfer-encoding', 'chunked']], JSON_BODY) },
    { name: 'a write over HTTP/2, which need not say how long it is', http: given('PUT', [], JSON_BODY) },
    { name: 'a write without a body', http: given('DELETE', []) },
    { name: 'an upgrade', upgraded: true, http: given('POST', [['content-length', '0']]) },
  ])('lets pass $name', ({ http, upgraded = false }) => {
    expect(refuseBody(http, readLines(http.headers), upgraded)).toBeNull()
  })

  test.each([
    { name: 'a read with a body', http: given('GET', [], JSON_BODY) },
    { name: 'a HEAD with a body', http: given('HEAD', [['content-length', '2']], JSON_BODY) },
    { name: 'a read that announces one', http: given('GET', [['Content-Length', '2']]) },
    { name: 'a read that announces chunks', http: given('GET', [['Transfer-Encoding', 'chunked']]) },
    { name: 'an upgrade with a body', upgraded: true, http: given('POST', [], JSON_BODY) },
    { name: 'an upgrade that announces one', upgraded: true, http: given('POST', [['content-length', '1']]) },
    { name: 'an upgrade in chunks', upgraded: true, http: given('GET', [['transfer-encoding', 'chunked']]) },
    { name: 'a write whose body did not come', http: given('POST', [['content-length', '2']]) },
    { name: 'a write with more than it announced', http: given('POST', [['content-length', '1']], JSON_BODY) },
    { name: 'a write with less than it announced', http: given('DELETE', [['content-length', '3']], JSON_BODY) },
    {
      name: 'a write with a length and in chunks',
      http: given(
        'POST',
        [
          ['content-length', '2'],
          ['transfer-encoding', 'chunked'],
        ],
        JSON_BODY,
      ),
    },
  ])('refuses $name', ({ http, upgraded = false }) => {
    expect(refuseBody(http, readLines(http.headers), upgraded)).toMatchObject({
      kind: 'refused',
      reason: 'unexpected-body',
    })
  })
})

describe('the media type', () => {
  test.each([
    { value: 'application/json', want: 'application/json' },
    { value: 'Application/Apply-Patch+YAML; charset=utf-8', want: 'application/apply-patch+yaml' },
    { value: ' application/json ;a=b;c', want: 'application/json' },
    { value: '', want: '' },
  ])('of "$value" is "$want"', ({ value, want }) => {
    expect(readLines([['Content-Type', value]]).contentType).toBe(want)
  })

  test('is empty when none is named', () => {
    expect(readLines([]).contentType).toBe('')
  })
})
