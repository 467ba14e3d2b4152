import { describe, expect, test } from 'vitest'
import type { HeaderLine } from '../../src/request/http-request.ts'
import { readLines } from '../../src/request/lines.ts'
import { readAnywhere } from '../../src/request/read-request.ts'
import { parseUpgrade } from '../../src/request/upgrade.ts'
import { anHttpRequest, read, SPDY, WEBSOCKET } from './a-http-request.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const ANNOUNCED = ['connection', 'Upgrade'] as const

describe('parseUpgrade', () => {
  test.each([
    { request: `GET ${POD}/exec?command=ls`, headers: WEBSOCKET, want: 'websocket' },
    { request: `POST ${POD}/exec?command=ls`, headers: SPDY, want: 'spdy' },
    { request: `GET ${POD}/attach`, headers: WEBSOCKET, want: 'websocket' },
    { request: `POST ${POD}/portforward`, headers: SPDY, want: 'spdy' },
    { request: `GET ${POD}/proxy/a`, headers: WEBSOCKET, want: 'websocket' },
    { request: 'GET /api/v1/nodes/n/proxy/exec/x/p/c', headers: WEBSOCKET, want: 'websocket' },
    {
      request: `GET ${POD}/exec`,
      headers: [
        ['Connection', 'keep-alive, upgrade'],
        ['UPGRADE', 'WebSocket'],
      ],
      want: 'websocket',
    },
    { request: 'GET /api/v1/pods?watch=true', headers: WEBSOCKET, want: 'websocket' },
    { request: 'GET /apis/apps/v1/namespaces/x/deployments?watch=1', headers: WEBSOCKET, want: 'websocket' },
    { request: 'GET /api/v1/pods?watch&fieldSelector=metadata.name%3Dp', headers: WEBSOCKET, want: 'websocket' },
    { request: 'GET /api/v1/watch/namespaces/x/pods/p', headers: WEBSOCKET, want: 'websocket' },
    { request: `GET ${POD}/log`, headers: WEBSOCKET, want: 'websocket' },
    { request: `GET ${POD}/log?follow=true&container=c`, headers: WEBSOCKET, want: 'websocket' },
    { request: 'GET /api/v1/pods', headers: [['connection', 'keep-alive']], want: null },
    { request: `GET ${POD}/proxy/a`, headers: [], want: null },
  ] as const)('$request with $headers is an upgrade to $want', ({ request, headers, want }) => {
    const { info, method } = read(request, { headers })
    expect(parseUpgrade(readLines(headers), method, info)).toEqual({ kind: 'upgrade', upgrade: want })
  })

  test.each([
    { name: 'another protocol', headers: [ANNOUNCED, ['upgrade', 'h2c']] },
    { name: 'another version of SPDY', headers: [ANNOUNCED, ['upgrade', 'SPDY/3']] },
    { name: 'TLS', headers: [ANNOUNCED, ['upgrade', 'TLS/1.0']] },
    { name: 'two protocols', headers: [ANNOUNCED, ['upgrade', 'websocket, SPDY/3.1']] },
    { name: 'two lines of protocols', headers: [...WEBSOCKET, ['upgrade', 'websocket']] },
    { name: 'no protocol', headers: [ANNOUNCED] },
    { name: 'an empty protocol', headers: [ANNOUNCED, ['upgrade', ' , ']] },
    { name: 'a protocol that Connection does not announce', headers: WEBSOCKET.slice(1) },
    { name: 'a protocol while Connection says close', headers: [['connection', 'close'], ...WEBSOCKET.slice(1)] },
    { name: 'SPDY by GET', headers: SPDY },
    { name: 'WebSocket by POST', method: 'POST', headers: WEBSOCKET },
    { name: 'WebSocket by PUT', method: 'PUT', headers: WEBSOCKET },
    { name: 'nothing', headers: [] },
    { name: 'nothing, by POST', method: 'POST', headers: [] },
  ] as readonly { name: string; method?: string; headers: readonly HeaderLine[] }[])(
    'refuses exec with $name',
    ({ method = 'GET', headers }) => {
      const refused = readAnywhere(anHttpRequest({ method, target: `${POD}/exec?command=ls`, headers }))
      expect(refused).toMatchObject({ kind: 'refused', reason: 'odd-upgrade' })
    },
  )

  test.each([
    ...['/api/v1/pods', '/api/v1/pods?watch=0', `${POD}?watch=1`, POD, '/version', '/', '/api/v1/services/a/exec'],
    ...['/apis/x.example/v1/namespaces/x/pods/p/log', '/api/v1/namespaces/x/services/s/log', '/version?watch=1'],
    ...['/apis/apps/v1/namespaces/x/pods/p/exec', '/apis/subresources.kubevirt.io/v1/namespaces/x/vms/v/console'],
  ])('refuses to upgrade %s', target => {
    for (const [method, headers] of [
      ['GET', WEBSOCKET],
      ['POST', SPDY],
    ] as const) {
      expect(readAnywhere(anHttpRequest({ method, target, headers }))).toMatchObject({ reason: 'odd-upgrade' })
    }
  })

  test.each(['/api/v1/pods?watch=1', `${POD}/log?follow=1`])('refuses %s by any other method or protocol', target => {
    for (const [method, headers] of [
      ['GET', SPDY],
      ['POST', SPDY],
      ['HEAD', WEBSOCKET],
      ['POST', WEBSOCKET],
    ] as const) {
      expect(readAnywhere(anHttpRequest({ method, target, headers }))).toMatchObject({ reason: 'odd-upgrade' })
    }
  })

  test.each(['binary.k8s.io', 'base64.binary.k8s.io', 'base64.binary.k8s.io, v4.channel.k8s.io'])(
    'a watch as %s is the same read as without, on the route of upgrades',
    protocol => {
      const headers = [...WEBSOCKET.slice(0, -1), ['sec-websocket-protocol', protocol] as const]
      const plain = read('GET /api/v1/pods?watch=1')
      const asMessages = read('GET /api/v1/pods?watch=1', { headers })
      expect(asMessages).toMatchObject({ info: plain.info, verbs: ['watch'], routes: ['upgrade'], longRunning: true })
    },
  )

  test('a log over WebSocket needs get alone', () => {
    expect(read(`GET ${POD}/log?follow=1`, { headers: WEBSOCKET })).toMatchObject({ verbs: ['get'], longRunning: true })
  })

  test('a bearer token among the subprotocols of a watch is refused', () => {
    const bearer = 'base64.binary.k8s.io, base64url.bearer.authorization.k8s.io.eA'
    const headers = [...WEBSOCKET.slice(0, -1), ['sec-websocket-protocol', bearer] as const]
    const refused = readAnywhere(anHttpRequest({ method: 'GET', target: '/api/v1/pods?watch=1', headers }))
    expect(refused).toMatchObject({ reason: 'forbidden-header' })
  })
})
