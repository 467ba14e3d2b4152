import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../src/envoy/answer.ts'
import { fromMetadata, toMetadata } from '../../../src/envoy/metadata.ts'
import { fromStruct, toStruct } from '../../../src/envoy/struct.ts'
import { toCheckResponse } from '../../../src/envoy/to-check-response.ts'
import { toHttpRequest } from '../../../src/envoy/to-http-request.ts'
import { toOutcome } from '../../../src/envoy/to-outcome.ts'
import { readAnywhere } from '../../../src/request/read-request.ts'

const key = { auditId: 'a', decidedAt: 1_700_000_000_123, agent: 'bot', lease: 'lse_1' }

function allow(given: Partial<Extract<Answer, { kind: 'allow' }>> = {}): Answer {
  const identity = { user: 'leasegate:bot', groups: ['g0', 'g1'], extras: { 'leasegate.dev/lease': 'lse_1' } }
  return { kind: 'allow', key, identity, streamMs: 5000, timeoutSeconds: null, warning: null, ...given }
}

function withIdentity(given: object): Answer {
  const { identity } = allow() as Extract<Answer, { kind: 'allow' }>
  return allow({ identity: { ...identity, ...given } })
}

const line = (name: string, value: string) => ({ key: name, raw_value: Buffer.from(value, 'latin1') })

function check(headers: readonly object[], given: object = {}) {
  return {
    attributes: {
      source: { address: { socket_address: { address: '10.0.0.1' } } },
      request: { http: { method: 'GET', path: '/a?b', header_map: { headers }, ...given } },
      context_extensions: { route: 'read' },
    },
  }
}

describe('toHttpRequest', () => {
  test('keeps lines and bytes as they came, without pseudo headers', () => {
    const headers = [line(':path', '/a?b'), line('x-request-id', 'id'), line('X-A', 'caf\xe9'), line('x-a', '2')]
    expect(toHttpRequest(check(headers, { raw_body: Buffer.from([0, 255]) }))).toEqual({
      id: 'id',
      method: 'GET',
      target: '/a?b',
      headers: [
        ['x-request-id', 'id'],
        ['x-a', 'caf\xe9'],
        ['x-a', '2'],
      ],
      body: Buffer.from([0, 255]),
      route: 'read',
      source: '10.0.0.1',
    })
  })

  test.each([
    { name: 'no request id', given: check([]) },
    { name: 'two request ids', given: check([line('x-request-id', 'a'), line('x-request-id', 'b')]) },
    { name: 'an empty request id', given: check([line('x-request-id', '')]) },
    { name: 'nothing at all', given: {} },
  ])('$name is nobody’s request', ({ given }) => {
    expect(() => toHttpRequest(given)).toThrow('without method, path or request id')
  })

  test('the path is the line that goes on, byte for byte; a text that says otherwise is nobody’s request', () => {
    const asked = (path: string) => check([line('x-request-id', 'id'), line(':path', path)])
    expect(toHttpRequest(asked('/a?b')).target).toBe('/a?b')
    expect(() => toHttpRequest(asked('/a?c'))).toThrow('two paths')
    // Text cannot carry these bytes; who reads the request refuses them.
    const { target } = toHttpRequest(asked('/a\xff?b'))
    expect(target).toBe('/a\xff?b')
    expect(readAnywhere({ ...toHttpRequest(asked('/a\xff?b')), target })).toMatchObject({ kind: 'refused' })
  })

  test.each([
    { name: 'says nothing', extensions: {}, headers: [], want: undefined },
    { name: 'has no length', extensions: { body_limit: '10' }, headers: [], want: 10 },
    { name: 'has a length', extensions: { body_limit: '10' }, headers: [line('content-length', '7')], want: 7 },
    { name: 'has a large length', extensions: { body_limit: '10' }, headers: [line('content-length', '70')], want: 10 },
    { name: 'has an odd length', extensions: { body_limit: '10' }, headers: [line('content-length', '-7')], want: 10 },
    {
      name: 'has two lengths',
      extensions: { body_limit: '10' },
      headers: [line('content-length', '7'), line('content-length', '1')],
      want: 10,
    },
  ])('a head that $name announces $want bytes', ({ extensions, headers, want }) => {
    const { attributes } = check([line('x-request-id', 'id'), ...headers])
    const given = { attributes: { ...attributes, context_extensions: { route: 'write', ...extensions } } }
    expect(toHttpRequest(given).announcedBytes).toBe(want)
  })

  test('a route that names no class of ours is no class', () => {
    const given = check([line('x-request-id', 'id')])
    expect(
      toHttpRequest({ attributes: { ...given.attributes, context_extensions: { route: 'any' } } }).route,
    ).toBeNull()
  })
})

describe('toCheckResponse', () => {
  test('a denial is never the empty answer that Envoy takes for an allow', () => {
    const denial = toCheckResponse({ kind: 'deny', key, status: 403, retryAfter: null, body: '{}' })
    expect(denial).toMatchObject({ status: { code: 7 }, denied_response: { status: { code: 403 }, body: '{}' } })
    expect(denial).not.toHaveProperty('ok_response')
  })

  test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 0.5])(
    'a stream limit of %d becomes one that ends at once',
    streamMs => {
      expect(JSON.stringify(toCheckResponse(allow({ streamMs })))).toContain(
        '{"key":"x-envoy-upstream-stream-duration-ms","value":"1"}',
      )
    },
  )

  test.each([
    {
      name: 'a line break in the user',
      given: withIdentity({ user: 'leasegate:a\r\nImpersonate-Group: system:masters' }),
    },
    { name: 'a line break in an extra', given: withIdentity({ extras: { 'leasegate.dev/sponsor': 'a\nb' } }) },
    { name: 'an empty group', given: withIdentity({ groups: [''] }) },
    { name: 'more groups than slots', given: withIdentity({ groups: ['1', '2', '3', '4', '5'] }) },
  ])('$name is not sent', ({ given }) => {
    expect(() => toCheckResponse(given)).toThrow()
  })
})

describe('metadata', () => {
  test('the row key comes back from the access log as it was sent', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat({ max: 2 ** 45 }),
        fc.string(),
        fc.string(),
        (auditId, decidedAt, agent, lease) => {
          const sent = { auditId, decidedAt, agent, lease }
          expect(
            fromMetadata(toMetadata({ kind: 'deny', key: sent, status: 403, retryAfter: null, body: '' })),
          ).toEqual(sent)
        },
      ),
    )
  })

  test.each([
    { name: 'none', given: null },
    { name: 'half a key', given: toStruct({ row: { audit_id: 'a' } }) },
    { name: 'a wrong type', given: toStruct({ row: { audit_id: 'a', decided_at: '1', agent: '', lease: '' } }) },
  ])('$name is no key', ({ given }) => {
    expect(fromMetadata(given)).toBeNull()
  })

  test('plain data survives the way through a Struct', () => {
    const plain = { a: 'x', b: 1.5, c: false, d: { e: '' } }
    expect(fromStruct(toStruct(plain))).toEqual(plain)
  })
})

describe('toOutcome', () => {
  test('reads an end', () => {
    const entry = {
      common_properties: {
        start_time: { seconds: 1_700_000_000, nanos: 500_000_000 },
        duration: { seconds: 2, nanos: 250_000_000 },
        access_log_type: 'DownstreamEnd',
        response_flags: {
          unauthorized_details: { reason: 'EXTERNAL_SERVICE' },
          downstream_connection_termination: true,
        },
        upstream_remote_address: null,
      },
      request: { request_method: 'GET', path: '/a?token=x', user_agent: 'u' },
      response: { response_code: { value: 403 }, response_code_details: 'ext_authz_denied' },
    }
    expect(toOutcome(entry, 0)).toMatchObject({
      key: null,
      phase: 'end',
      startedAt: 1_700_000_000_500,
      durationMs: 2250,
      path: '/a',
      status: 403,
      flags: ['UAEX', 'DC'],
      forwarded: false,
    })
  })

  test('nothing in an entry is not a crash', () => {
    expect(toOutcome({}, 0)).toMatchObject({ key: null, phase: 'open', status: 0 })
  })
})
