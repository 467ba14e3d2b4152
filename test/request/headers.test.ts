import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientClaims, MAX_HEADER_LINES, refuseHeaders } from '../../src/request/headers.ts'
import type { HeaderLine } from '../../src/request/http-request.ts'

/** `Name: value` lines, values byte for byte. */
function lines(...texts: readonly string[]): readonly HeaderLine[] {
  return texts.map(text => {
    const at = text.indexOf(': ')
    return [text.slice(0, at), text.slice(at + 2)]
  })
}

describe('refuseHeaders', () => {
  test('lets pass as many lines as Envoy can carry, and not one more, whatever they say', () => {
    const many = Array.from({ length: MAX_HEADER_LINES }, () => 'accept: */*')
    expect(refuseHeaders(lines(...many))).toBeNull()
    expect(refuseHeaders(lines(...many, 'accept: */*'))).toMatchObject({ reason: 'too-many-headers' })
  })

  test.each([
    { why: 'kubectl', given: ['user-agent: kubectl/v1.36.0', 'kubectl-command: kubectl get', 'kubectl-session: s'] },
    { why: 'a token', given: ['authorization: Bearer a.b.c'] },
    { why: 'a body', given: ['content-type: application/json; charset=utf-8', 'content-length: 12'] },
    { why: 'a body in chunks', given: ['content-type: application/json', 'transfer-encoding: chunked'] },
    { why: 'WebSocket', given: ['connection: keep-alive, Upgrade', 'upgrade: websocket'] },
    { why: 'several subprotocols', given: ['sec-websocket-protocol: v5.channel.k8s.io, v4.channel.k8s.io'] },
    { why: 'tunnelled SPDY', given: ['sec-websocket-protocol: SPDY/3.1+portforward.k8s.io'] },
    { why: 'what Envoy adds', given: ['x-envoy-external-address: ::1', 'x-envoy-internal: true', 'x-request-id: r'] },
    { why: 'repeated lists', given: ['accept: application/json', 'accept: */*', 'connection: close', 'connection: '] },
    { why: 'bytes in what nobody judges', given: ['x-note: caf\u00e9\u0001'] },
  ])('lets pass what comes with $why', ({ given }) => {
    expect(refuseHeaders(lines(...given))).toBeNull()
  })

  test.each([
    ...['Impersonate-User: a', 'impersonate-user: a', 'IMPERSONATE-GROUP: system:masters', 'Impersonate-Uid: 1'],
    ...[
      'Impersonate-Extra-Scopes: a',
      'Impersonate: a',
      'impersonate-: a',
      'Impersonate_User: a',
      'impersonate-user : a',
    ],
    ...[' impersonate-user: a', 'impersonate-user\u0000: a', '\timpersonate-user: a', 'impersonate-user\r\n: a'],
    ...['X-Remote-User: a', 'x-remote-group: a', 'X-REMOTE-EXTRA-a: a', 'X_Remote_User: a', 'x-remote-uid: a'],
    ...[
      'Audit-ID: a',
      'audit_id: a',
      'Proxy-Authorization: a',
      'X-Forwarded-Client-Cert: a',
      'x_forwarded_for: a',
      ': a',
    ],
    ...[
      'x-envoy-retry-on: 5xx',
      'X-Envoy-Retry-Grpc-On: a',
      'x-envoy-retriable-status-codes: 409',
      'x-envoy-max-retries: 9',
    ],
    ...[
      'x-envoy-upstream-stream-duration-ms: 0',
      'x-envoy-upstream-rq-timeout-ms: 1',
      'x-envoy-hedge-on-per-try-timeout: 1',
    ],
    ...['x-\u00e9: a', 'a b: c', 'a(b): c'],
  ])('refuses %j', line => {
    expect(refuseHeaders(lines(line))).toMatchObject({ reason: 'forbidden-header' })
  })

  test.each([
    ...[
      'Impersonate-User',
      'impersonate-user',
      'IMPERSONATE-USER',
      'Authorization',
      'audit-id',
      'te',
      'transfer-encoding',
    ],
    ...[
      'HTTP2-Settings',
      'host',
      'x-anything',
      'content-length',
      'upgrade;q=1',
      '"upgrade"',
      'upgrade close',
      'upgrade\u00a0',
    ],
  ])('refuses Connection that names %j, however it is listed', named => {
    for (const list of [named, `close, ${named}`, `${named},upgrade`, `\t${named} ,`, `,,${named},,`]) {
      expect(refuseHeaders([['Connection', list]])).toMatchObject({ detail: 'connection' })
    }
    const split = [['connection', 'upgrade'] as const, ['CONNECTION', named] as const]
    expect(refuseHeaders(split)).toMatchObject({ detail: 'connection' })
  })

  test.each([
    'base64url.bearer.authorization.k8s.io.ZXlK',
    'Base64url.Bearer.Authorization.K8s.io.ZXlK',
    'v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.ZXlK',
    'base64url.bearer.authorization.k8s.io.ZXlK,v5.channel.k8s.io',
    'v5.channel.k8s.io,\tbase64url.bearer.authorization.k8s.io.',
    'V5.channel.k8s.io',
    'Binary.k8s.io',
    'binary.k8s.io.',
    'base64.binary.k8s.io, base64url.bearer.authorization.k8s.io.ZXlK',
    'v5.channel.k8s.io base64url.bearer.authorization.k8s.io.ZXlK',
    'v5.channel.k8s.io\u00a0',
  ])('refuses the WebSocket subprotocols %j', value => {
    expect(refuseHeaders([['Sec-WebSocket-Protocol', value]])).toMatchObject({ detail: 'sec-websocket-protocol' })
    const apart = [['sec-websocket-protocol', 'v5.channel.k8s.io'] as const, ['sec-websocket-protocol', value] as const]
    expect(refuseHeaders(apart)).toMatchObject({ detail: 'sec-websocket-protocol' })
  })

  test.each([
    { why: 'two tokens', given: ['authorization: Bearer a', 'Authorization: Bearer b'] },
    { why: 'the same token twice', given: ['authorization: Bearer a', 'authorization: Bearer a'] },
    { why: 'two tokens in one line', given: ['authorization: Bearer a, Bearer b'] },
    { why: 'a token with bytes', given: ['authorization: Bearer a\u0000b'] },
    { why: 'two types', given: ['content-type: application/json', 'content-type: application/apply-patch+yaml'] },
    { why: 'two types in one line', given: ['content-type: application/json, application/yaml'] },
    { why: 'two lengths', given: ['content-length: 1', 'content-length: 1'] },
    { why: 'two lengths in one line', given: ['content-length: 1, 1'] },
    { why: 'a hexadecimal length', given: ['content-length: 0x1'] },
    { why: 'a length with a sign', given: ['content-length: +1'] },
    { why: 'a length below nothing', given: ['content-length: -0'] },
    { why: 'an empty length', given: ['content-length: '] },
    { why: 'a length with a space', given: ['content-length: 1 '] },
    { why: 'a length in other digits', given: ['content-length: \u0661'] },
    { why: 'a length beyond all numbers', given: ['content-length: 99999999999999999999'] },
    { why: 'two transfer encodings', given: ['transfer-encoding: chunked', 'transfer-encoding: chunked'] },
    { why: 'two transfer encodings in one line', given: ['transfer-encoding: gzip, chunked'] },
    { why: 'an unknown transfer encoding', given: ['transfer-encoding: xchunked'] },
    { why: 'a transfer encoding with a space', given: ['transfer-encoding: chunked\u000b'] },
    { why: 'a compressed body', given: ['content-encoding: gzip'] },
    { why: 'an upgrade with bytes', given: ['connection: upgrade', 'upgrade: websocket\u00a0'] },
    { why: 'two sessions', given: ['kubectl-session: a', 'kubectl-session: b'] },
  ])('refuses $why', ({ given }) => {
    expect(refuseHeaders(lines(...given))).toMatchObject({ kind: 'refused', reason: 'forbidden-header' })
  })

  test('refuses an identity in any spelling, among any other headers', () => {
    const spelling = fc
      .tuple(fc.constantFrom('impersonate-user', 'impersonate-extra-a', 'x-remote-user', 'audit-id'), fc.nat())
      .map(([name, seed]) => [...name].map((char, at) => ((seed >> at) & 1 ? char.toUpperCase() : char)).join(''))
    const harmless = fc.array(fc.tuple(fc.constantFrom('accept', 'user-agent', 'x-note'), fc.string()))
    fc.assert(
      fc.property(harmless, spelling, harmless, (before, name, after) => {
        expect(refuseHeaders(before)).toBeNull()
        expect(refuseHeaders([...before, [name, 'a'], ...after])).toMatchObject({ detail: name.toLowerCase() })
      }),
    )
  })
})

describe('clientClaims', () => {
  test('takes the first of each, in printable ASCII, cut to 512 bytes', () => {
    const claims = clientClaims([
      ['User-Agent', 'a\u001b[31m\u00e9'],
      ['user-agent', 'b'],
      ['kubectl-command', 'k'.repeat(600)],
    ])
    expect(claims).toEqual({ userAgent: 'a?[31m?', kubectlCommand: 'k'.repeat(512), kubectlSession: '' })
  })
})
