import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import type { HttpRequest, RouteClass } from '../../../src/request/http-request.ts'
import { readAnywhere, readRequest } from '../../../src/request/read-request.ts'
import { arbitraryRequest } from '../../request/arbitrary-request.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { allow, deny } from '../../support/envoy/scripted-authorizer.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => {
  boundary.script.reset()
  boundary.upstream.seen.length = 0
})
afterAll(() => boundary.stop())

function send({ method, target, headers }: Pick<HttpRequest, 'method' | 'target' | 'headers'>) {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return patientRequest(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...lines])
}

/** What the authorizer was asked about this request; null when Envoy refused by itself. */
async function asked(request: Pick<HttpRequest, 'method' | 'target' | 'headers'>): Promise<HttpRequest | null> {
  boundary.script.checks.length = 0
  boundary.script.answer = http => deny(http)
  await send(request)
  return boundary.script.checks[0] ?? null
}

/**
 * What no server has is refused for its route, which is as good: a watch or a log but with GET, something below a log, and sessions and proxies
 * of anything but the core group's own, where they lie.
 */
function isPlausible({ info, method, path, upgrade, stream }: ApiRequest): boolean {
  const isCore = info.apiPrefix === 'api' && info.apiVersion === 'v1'
  const isPlaced = info.resource === 'nodes' ? info.namespace === '' : info.namespace !== ''
  if (stream !== null) return isCore && isPlaced && /\/(exec|attach)\/?$/.test(path)
  if (upgrade !== null) return true
  if (info.subresource === 'log') return method === 'GET' && /\/log\/?$/.test(path)
  if (info.verb === 'watch') return method === 'GET'
  if (info.verb !== 'proxy' && info.subresource !== 'proxy') return true
  return isCore && isPlaced && ['pods', 'services', 'nodes'].includes(info.resource)
}

const PODS = '/api/v1/namespaces/a/pods'
const UPGRADE = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
] as const

describe('ROUTES', () => {
  test.each<[RouteClass, string]>([
    ['read', `GET ${PODS}`],
    ['read', `HEAD ${PODS}`],
    ['read', `GET ${PODS}/b`],
    ['read', 'GET /version'],
    ['read', 'GET /'],
    ['read', `GET ${PODS}?unwatch=1`],
    ['read', `GET ${PODS}?labelSelector=watch`],
    ['read', `GET ${PODS}/b/logs`],
    ['read', `GET ${PODS}/proxy`],
    ['write', `POST ${PODS}`],
    ['write', `PUT ${PODS}/b`],
    ['write', `PATCH ${PODS}/b`],
    ['write', `DELETE ${PODS}/b`],
    ['write', `DELETE ${PODS}?watch=1`],
    ['write', `OPTIONS ${PODS}`],
    ['write', `POST ${PODS}/b/exec`],
    ['stream', `GET ${PODS}?watch=1`],
    ['stream', `GET ${PODS}?watch`],
    ['stream', `GET ${PODS}?a=b&watch=true&c=d`],
    ['stream', `GET ${PODS}?watch=false`],
    ['stream', `GET ${PODS}/b/log`],
    ['stream', `GET ${PODS}/b/log?follow=true`],
    ['stream', `GET ${PODS}/b/log/`],
    ['stream', `GET ${PODS}/b/log/?container=c`],
    ['stream', 'GET /api/v1/watch/pods'],
    ['stream', 'GET /api/v1/watch/namespaces/a/pods'],
    ['stream', 'GET /apis/apps/v1/watch/deployments'],
    ['stream', `GET ${PODS}/b/proxy`],
    ['stream', `GET ${PODS}/b/proxy/metrics?x`],
    ['stream', `POST ${PODS}/b/proxy/x`],
    ['stream', 'DELETE /api/v1/namespaces/a/services/https:b:443/proxy/x'],
    ['stream', 'GET /api/v1/nodes/n/proxy/run/a/b/c'],
    ['stream', 'GET /api/v1/proxy/namespaces/a/pods/b'],
  ])('%s: %s', async (route, line) => {
    const [method = '', target = ''] = line.split(' ')
    expect(await asked({ method, target, headers: [] })).toMatchObject({ method, target, route })
  })

  test.each([`${PODS}/b/exec`, `${PODS}/b/attach?stdin=1`, `${PODS}/b/exec/`])(
    'session: %s, as an upgrade',
    async target => {
      expect(await asked({ method: 'GET', target, headers: UPGRADE })).toMatchObject({ target, route: 'session' })
    },
  )

  test.each([`${PODS}/b/portforward`, `${PODS}/b/%65xec`, `${PODS}/b/proxy/exec`, PODS, `${PODS}?watch=1`, '/version'])(
    'upgrade: whatever asks for one, such as %s',
    async target => {
      expect(await asked({ method: 'GET', target, headers: UPGRADE })).toMatchObject({ target, route: 'upgrade' })
    },
  )

  test('an upgrade to HTTP/2 is none, and is asked about', async () => {
    const headers = [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
    ] as const
    expect(await asked({ method: 'GET', target: PODS, headers })).toMatchObject({ route: 'read' })
  })

  test('whatever can be read at all comes on a route on which it may', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRequest, async request => {
        const read = readAnywhere(request)
        fc.pre(read.kind === 'read')
        fc.pre(isPlausible(read.request))
        const http = await asked(request)
        if (http === null) throw new Error('Envoy refused it')
        expect(http.target).toBe(request.target)
        expect(readRequest(http)).toMatchObject({ kind: 'read' })
      }),
      { numRuns: 250 },
    )
  })
})

describe('what was judged', () => {
  test('is what is forwarded, byte for byte, whatever the client sends', async () => {
    const forwarded: string[] = []
    await fc.assert(
      fc.asyncProperty(arbitraryRequest, async request => {
        fc.pre(/^[\x21-\xff]+$/.test(request.target))
        const judged: HttpRequest[] = []
        boundary.upstream.seen.length = 0
        boundary.script.answer = http => {
          judged.push(http)
          return readRequest(http).kind === 'read' ? allow(http, { streamMs: 1 }) : deny(http)
        }
        await send(request)
        for (const { method, target } of boundary.upstream.seen) {
          expect(judged.map(http => [http.method, http.target])).toEqual([[method, target]])
          forwarded.push(target)
        }
      }),
      { numRuns: 250 },
    )
    expect(forwarded.length).toBeGreaterThan(20)
  })
})
