import type { Boundary } from '../../attacks/a-boundary.ts'
import { type OpenStream, openHttp1, openHttp2 } from '../../support/envoy/open-stream.ts'

/** A way to hold a stream open through the boundary. */
export interface Kind {
  readonly name: string
  /** Carries bytes both ways. */
  readonly isTunnel: boolean
  readonly isRecorded: boolean
  /** Unique for each stream when `id` is. */
  readonly target: (id: string) => string
  readonly open: (boundary: Pick<Boundary, 'port'>, target: string, token: string) => OpenStream
}

const POD = '/api/v1/namespaces/dev/pods/p'
const WEBSOCKET = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
const SPDY = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 0']

const http1 =
  (method: string, headers: readonly string[] = []): Kind['open'] =>
  ({ port }, target, token) =>
    openHttp1(port, [`${method} ${target} HTTP/1.1`, 'Host: kube', `Authorization: Bearer ${token}`, ...headers])

const http2: Kind['open'] = ({ port }, target, token) => openHttp2(port, target, { authorization: `Bearer ${token}` })

const watch = (id: string) => `/api/v1/namespaces/dev/pods?watch=1&labelSelector=id%3D${id}`
const log = (id: string) => `${POD}-${id}/log?follow=true`
const exec = (id: string) => `${POD}-${id}/exec?command=id&stdout=true`
const attach = (id: string) => `${POD}-${id}/attach?stdout=true`
const portForward = (id: string) => `${POD}-${id}/portforward`

const WAYS: readonly Pick<Kind, 'name' | 'target' | 'open'>[] = [
  { name: 'watch over HTTP/2', target: watch, open: http2 },
  { name: 'watch over HTTP/1.1', target: watch, open: http1('GET', ['Connection: close']) },
  { name: 'logs over HTTP/2', target: log, open: http2 },
  { name: 'logs over HTTP/1.1', target: log, open: http1('GET', ['Connection: close']) },
  {
    name: 'exec over WebSocket',
    target: exec,
    open: http1('GET', [...WEBSOCKET, KEY, 'Sec-WebSocket-Protocol: v5.channel.k8s.io']),
  },
  {
    name: 'exec over WebSocket as before v5',
    target: exec,
    open: http1('GET', [...WEBSOCKET, KEY, 'Sec-WebSocket-Protocol: v4.channel.k8s.io']),
  },
  {
    name: 'exec over WebSocket in base64',
    target: exec,
    open: http1('GET', [...WEBSOCKET, KEY, 'Sec-WebSocket-Protocol: v4.base64.channel.k8s.io']),
  },
  {
    name: 'exec over SPDY',
    target: exec,
    open: http1('POST', [...SPDY, 'X-Stream-Protocol-Version: v4.channel.k8s.io']),
  },
  {
    name: 'attach over WebSocket',
    target: attach,
    open: http1('GET', [...WEBSOCKET, KEY, 'Sec-WebSocket-Protocol: v5.channel.k8s.io']),
  },
  {
    name: 'attach over SPDY',
    target: attach,
    open: http1('POST', [...SPDY, 'X-Stream-Protocol-Version: v4.channel.k8s.io']),
  },
  {
    name: 'port-forward over WebSocket',
    target: portForward,
    open: http1('GET', [...WEBSOCKET, KEY, 'Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io']),
  },
  {
    name: 'port-forward over SPDY',
    target: portForward,
    open: http1('POST', [...SPDY, 'X-Stream-Protocol-Version: portforward.k8s.io']),
  },
]

/** Every kind of stream in every protocol that it has. */
export const KINDS: readonly Kind[] = WAYS.map(way => ({
  ...way,
  isTunnel: [exec, attach, portForward].includes(way.target),
  isRecorded: [exec, attach].includes(way.target),
}))
