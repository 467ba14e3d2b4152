import { constants } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outcomeOf, startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

const KIBIBYTE = 1024

let boundary: TestBoundary
let requests = 0

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

function send(method: string, query: string, bytes = 0) {
  const target = `/api/v1/o${requests++}?${query}`
  const length = bytes > 0 ? [`Content-Length: ${bytes}`] : []
  const body = Buffer.alloc(bytes, 'b')
  return { target, answer: rawRequest(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...length], body) }
}

const attemptsAt = (target: string) => boundary.upstream.seen.filter(each => each.target === target)

const METHODS = [
  { method: 'GET', bytes: 0 },
  { method: 'DELETE', bytes: 0 },
  { method: 'POST', bytes: 100 },
  { method: 'PATCH', bytes: 200 * KIBIBYTE },
  // More than Envoy keeps of what it was not told to wait for.
  { method: 'PUT', bytes: 1200 * KIBIBYTE },
] as const

describe.each(['refuse=1', 'refuse=2'])('what the API server never began (%s)', query => {
  test.each(METHODS)('is sent again as it was, and was decided once: $method of $bytes bytes', async given => {
    const { target, answer } = send(given.method, query, given.bytes)
    expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('{"kind":"Fine"}') })
    const attempts = attemptsAt(target)
    expect(attempts).toHaveLength(1 + Number(query.slice(-1)))
    const { id } = boundary.script.check(target)
    for (const { headers, body } of attempts) {
      expect(headers).toContainEqual(['audit-id', id])
      expect(headers).toContainEqual(['impersonate-user', 'leasegate:bot'])
      expect(body.equals(Buffer.alloc(given.bytes, 'b'))).toBe(true)
    }
    expect(boundary.script.checks).toHaveLength(1)
    await outcomeOf(boundary, ({ key }) => key?.auditId === id)
    expect(boundary.outcomes.filter(({ key, phase }) => key?.auditId === id && phase === 'end')).toHaveLength(1)
  })
})

describe('what the API server may have begun is never sent again', () => {
  test.each([
    { name: 'broken off', query: `break=${constants.NGHTTP2_INTERNAL_ERROR}` },
    { name: 'cancelled', query: `break=${constants.NGHTTP2_CANCEL}` },
  ])('$name', async ({ query }) => {
    const { target, answer } = send('POST', query, 100)
    expect((await answer).status).toBe(503)
    expect(attemptsAt(target)).toHaveLength(1)
  })
})

test('an API server that refuses everything is asked a few times, and then the client is told', async () => {
  const { target, answer } = send('POST', 'refuse=1000', 100)
  expect((await answer).status).toBe(503)
  const { length } = attemptsAt(target)
  expect(length).toBeGreaterThan(1)
  expect(length).toBeLessThan(20)
  await until('nothing more to come', () => boundary.script.checks.length === 1)
})
