import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REFUSALS } from '../../src/request/api-request.ts'
import { type HeaderLine, type HttpRequest, ROUTE_CLASSES } from '../../src/request/http-request.ts'
import { readAnywhere, readRequest } from '../../src/request/read-request.ts'
import { anHttpRequest, SPDY, WEBSOCKET } from './a-http-request.ts'
import { arbitraryRequest } from './arbitrary-request.ts'
import { READ, REFUSED, split } from './differential/vectors.ts'

const EXEC = '/api/v1/namespaces/x/pods/p/exec?command=ls'

/** Options of exec, attach, log, lists, watches and writes. */
const REPEATED = [
  ...['container', 'stdin', 'stdout', 'stderr', 'tty', 'follow', 'previous', 'tailLines', 'sinceSeconds', 'timestamps'],
  ...['watch', 'labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'timeoutSeconds', 'timeout'],
  ...['resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'pretty', 'dryRun', 'fieldManager', 'force'],
  ...['fieldValidation', 'propagationPolicy', 'gracePeriodSeconds', 'orphanDependents', 'includeObject'],
]

describe('readAnywhere', () => {
  test.each(READ)('reads $request', ({ request, want }) => {
    const read = readAnywhere(anHttpRequest(split(request)))
    expect(read).toMatchObject({ kind: 'read', request: { info: want } })
  })

  test.each(REFUSED)('refuses $request as $reason', ({ request, reason }) => {
    expect(readAnywhere(anHttpRequest(split(request)))).toMatchObject({ kind: 'refused', reason })
  })

  test.each([
    {
      name: 'path',
      target: `/api/v1/pods/${'a'.repeat(8192)}`,
      detail: /^the path has 8205 bytes, and 8192 are read$/,
    },
    {
      name: 'query',
      target: `/api/v1/pods?a=${'a'.repeat(300_000)}`,
      detail: /^the query has 300002 bytes, and \d+ are/,
    },
    {
      name: 'list of parameters',
      target: `/api/v1/pods?${'a&'.repeat(6000)}`,
      detail: /^the query has 6001 parameters/,
    },
  ])('refuses a $name that is too long, and says which limit that is', ({ target, detail }) => {
    const refused = readAnywhere(anHttpRequest({ method: 'GET', target }))
    expect(refused).toMatchObject({ kind: 'refused', reason: 'too-long', detail: expect.stringMatching(detail) })
  })

  test.each([
    { name: 'of 40 KB', script: 'x'.repeat(40_000) },
    { name: 'of 100 KB', script: 'echo one; '.repeat(10_000) },
    { name: 'of 6 KB in letters that are escaped', script: 'ü'.repeat(6000) },
  ])('reads a command $name whole', ({ script }) => {
    const query = `command=sh&command=-c&command=${encodeURIComponent(script)}`
    const http = anHttpRequest({ method: 'POST', target: `${EXEC.split('?')[0]}?${query}`, headers: SPDY })
    expect(readAnywhere(http)).toMatchObject({ request: { stream: { command: ['sh', '-c', script] } } })
  })

  test('reads a command of two thousand arguments whole', () => {
    const files = Array.from({ length: 2000 }, (_, at) => `file-${at}`)
    const query = ['ls', ...files].map(argument => `command=${argument}`).join('&')
    const http = anHttpRequest({ method: 'POST', target: `${EXEC.split('?')[0]}?${query}`, headers: SPDY })
    expect(readAnywhere(http)).toMatchObject({ request: { stream: { command: ['ls', ...files] } } })
  })

  test.each([...REPEATED])('takes %s said twice for said once, and two values of it for none', option => {
    const target = (query: string) => `/api/v1/namespaces/x/pods/p/exec?command=id&${query}`
    const read = (query: string) =>
      readAnywhere(anHttpRequest({ method: 'POST', target: target(query), headers: SPDY }))
    const once = read(`${option}=1`)
    expect(read(`${option}=1&${option}=%31`)).toMatchObject({
      request: { info: once.kind === 'read' && once.request.info, stream: once.kind === 'read' && once.request.stream },
    })
    expect(read(`${option}=1&${option}=2`)).toMatchObject({ kind: 'refused', reason: 'odd-query' })
  })

  test('keeps path and query as they were written', () => {
    const target = '/api/v1/namespaces/x/pods/system%3Anode?a=%31&b=c+d'
    const read = readAnywhere(anHttpRequest({ method: 'GET', target }))
    expect(read).toMatchObject({ request: { path: '/api/v1/namespaces/x/pods/system%3Anode', query: 'a=%31&b=c+d' } })
  })
})

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(byte => String.fromCharCode(byte)) })
const NAMES = [
  'Connection',
  'upgrade',
  'CONTENT-LENGTH',
  'transfer-encoding',
  'authorization',
  'sec-websocket-protocol',
]
const anything: fc.Arbitrary<HttpRequest> = fc.record({
  id: fc.constant('r'),
  method: fc.oneof(fc.constantFrom('GET', 'POST', 'DELETE'), latin1),
  target: fc.oneof(
    latin1.map(text => `/api/v1/${text}`),
    latin1.map(text => `/api/v1/pods?${text}`),
    latin1,
    fc.string({ unit: 'binary' }),
  ),
  headers: fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), latin1), latin1)),
  body: fc.uint8Array(),
  route: fc.constantFrom(...ROUTE_CLASSES, null),
  source: latin1,
})

describe('readRequest', () => {
  test('reads or refuses whatever comes, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(anything, arbitraryRequest), http => {
        const read = readRequest(http)
        if (read.kind === 'refused') expect(REFUSALS).toContain(read.reason)
        else expect(read.request.routes).toContain(http.route)
      }),
      { numRuns: 3000 },
    )
  })

  test('says in a refusal nothing but short printable text', () => {
    fc.assert(
      fc.property(anything, http => {
        const read = readRequest(http)
        if (read.kind === 'refused') expect(read.detail).toMatch(/^[\x20-\x7e]{1,600}$/)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    { name: 'a header', sent: { headers: [['x-remote-user', 'hunter2']] as HeaderLine[] } },
    { name: 'a token', sent: { headers: [['authorization', 'Bearer hunter2, Bearer x']] as HeaderLine[] } },
    { name: 'a path', sent: { target: '/api/v1/hunter2/..' } },
    { name: 'a parameter', sent: { target: '/api/v1/pods?watch=hunter2&watch=hunter2' } },
    { name: 'a method', sent: { method: 'hunter2' } },
    { name: 'an upgrade', sent: { headers: [...WEBSOCKET.slice(0, 1), ['upgrade', 'hunter2']] as HeaderLine[] } },
  ])('names in a refusal the part that is wrong, never the value of $name', ({ sent }) => {
    const read = readRequest(anHttpRequest({ method: 'GET', target: '/api/v1/pods', ...sent }))
    expect(read.kind).toBe('refused')
    expect(JSON.stringify(read)).not.toContain('hunter2')
  })

  test('reads the same whichever way a name is escaped, and with a trailing slash', () => {
    const escapedAll = (text: string) => text.replace(/./g, char => `%${char.charCodeAt(0).toString(16)}`)
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,9}$/), fc.stringMatching(/^[a-z]{1,9}$/), (name, resource) => {
        const info = (path: string) => {
          const read = readAnywhere(anHttpRequest({ method: 'GET', target: path }))
          return read.kind === 'read' ? read.request.info : read
        }
        const plain = info(`/apis/g/v1/${resource}/${name}`)
        expect(info(`/apis/g/v1/${escapedAll(resource)}/${escapedAll(name)}`)).toEqual(plain)
        expect(info(`/apis/g/v1/${resource}/${name}/`)).toEqual(plain)
      }),
    )
  })

  test.each([
    { request: 'GET /api/v1/pods', fits: ['read', 'stream'] },
    { request: 'GET /api/v1/pods?watch=false', fits: ['read', 'stream'] },
    { request: 'GET /version', fits: ['read', 'stream'] },
    { request: 'HEAD /api/v1/pods/p', fits: ['read', 'stream'] },
    { request: 'GET /api/v1/pods?watch=1', fits: ['stream'] },
    { request: 'GET /api/v1/pods?watch', fits: ['stream'] },
    { request: 'HEAD /api/v1/pods?watch=1', fits: ['stream'] },
    { request: 'GET /api/v1/watch/pods', fits: ['stream'] },
    { request: 'GET /api/v1/namespaces/x/pods/p/log', fits: ['stream'] },
    { request: 'GET /api/v1/namespaces/x/pods/p/log?follow=1', fits: ['stream'] },
    { request: 'GET /api/v1/namespaces/x/pods/p/lo%67?follow=1', fits: ['stream'] },
    { request: 'GET /api/v1/nodes/n/proxy/metrics', fits: ['stream'] },
    { request: 'POST /api/v1/namespaces/x/services/s/proxy/', fits: ['stream'] },
    { request: 'POST /api/v1/namespaces/x/pods', fits: ['write'] },
    { request: 'PUT /api/v1/namespaces/x/pods/p', fits: ['write'] },
    { request: 'PATCH /api/v1/namespaces/x/pods/p', fits: ['write'] },
    { request: 'DELETE /api/v1/namespaces/x/pods?watch=1', fits: ['write'] },
    { request: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', fits: ['write'] },
    { request: 'OPTIONS /version', fits: ['write'] },
    { request: `GET ${EXEC}`, headers: WEBSOCKET, fits: ['session'] },
    { request: `POST ${EXEC}`, headers: SPDY, fits: ['session'] },
    { request: 'POST /api/v1/namespaces/x/pods/p/attach', headers: SPDY, fits: ['session'] },
    { request: 'POST /api/v1/namespaces/x/pods/p/%65xec', headers: SPDY, fits: ['session'] },
    { request: 'POST /api/v1/namespaces/x/pods/p/portforward', headers: SPDY, fits: ['upgrade'] },
    { request: 'GET /api/v1/namespaces/x/pods/p/proxy/', headers: WEBSOCKET, fits: ['upgrade'] },
  ])('lets $request pass on a route of class $fits and on no other', ({ request, headers = [], fits }) => {
    const passed = [...ROUTE_CLASSES, null].filter(route => {
      const read = readRequest(anHttpRequest({ ...split(request), headers, route }))
      if (read.kind === 'refused') expect(read.reason).toBe('wrong-route')
      return read.kind === 'read'
    })
    expect(passed).toEqual(fits)
  })
})
