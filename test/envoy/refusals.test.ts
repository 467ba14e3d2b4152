import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aBoundary, type Boundary } from '../attacks/a-boundary.ts'

const FOREIGN = '/api/v1/namespaces/other/pods'
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA==']

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

describe('a refusal, as it goes over the wire', () => {
  test.each([
    ['application/vnd.kubernetes.protobuf'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io'],
    ['application/cbor'],
    ['application/yaml'],
    ['text/html'],
    ['*/*'],
  ])('is a Status in JSON, whatever the client asks for: %s', async accept => {
    const { status, head, body } = await boundary.send('reads', `GET ${FOREIGN}`, [`Accept: ${accept}`])
    expect(head).toMatch(/content-type: application\/json\r?$/im)
    expect(JSON.parse(body)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'Forbidden',
      code: status,
      details: { kind: 'pods' },
    })
  })

  test('names the row of the record in its header and in its causes', async () => {
    const { head, body } = await boundary.send('reads', `GET ${FOREIGN}/p`)
    const auditId = /audit-id: (\S+)/i.exec(head)?.[1]
    expect(auditId).toBeDefined()
    expect(JSON.parse(body).details).toMatchObject({ name: 'p', kind: 'pods' })
    expect(JSON.parse(body).details.causes).toContainEqual({ reason: 'LeasegateAuditID', message: auditId })
  })

  test('of an upgrade is the same, and says nothing of upgrading', async () => {
    const protocols = 'Sec-WebSocket-Protocol: v5.channel.k8s.io'
    const { status, head, body } = await boundary.send('reads', `GET ${FOREIGN}/p/exec?command=id&stdout=true`, [
      ...UPGRADE,
      protocols,
    ])
    expect({ status, head }).toMatchObject({
      status: 403,
      head: expect.not.stringMatching(/^(upgrade|sec-websocket)/im),
    })
    expect(JSON.parse(body)).toMatchObject({
      kind: 'Status',
      reason: 'Forbidden',
      details: { kind: 'pods', name: 'p' },
    })
  })

  test('of HEAD has no body', async () => {
    expect(await boundary.send('reads', `HEAD ${FOREIGN}`)).toMatchObject({ status: 403, body: '' })
  })

  test.each([
    { what: 'a question for a human', line: 'GET /api/v1/namespaces/dev/secrets/s', status: 429, retry: '3' },
    {
      what: 'one of a client without time',
      line: 'GET /api/v1/namespaces/dev/secrets/s?timeout=5s',
      status: 429,
      retry: undefined,
    },
    { what: 'what is out of scope', line: `GET ${FOREIGN}`, status: 403, retry: undefined },
  ])('$what says when to try again, or nothing of it', async ({ line, status, retry }) => {
    const answer = await boundary.send('everything', line)
    const seconds = /retry-after: (\d+)/i.exec(answer.head)?.[1]
    expect({ status: answer.status, seconds }).toEqual({ status, seconds: retry })
    expect(String(JSON.parse(answer.body).details.retryAfterSeconds ?? 'none')).toBe(retry ?? 'none')
  })
})

describe("a refusal of Envoy's own", () => {
  test.each([
    {
      what: 'a head that is too large',
      line: 'GET /version',
      headers: [`X-Large: ${'x'.repeat(240_000)}`],
      reason: 'RequestHeaderFieldsTooLarge',
    },
    { what: 'a name with an underscore', line: 'GET /version', headers: ['X_Odd: 1'], reason: 'BadRequest' },
  ])('has the same form: $what', async ({ line, headers, reason }) => {
    const { status, head, body } = await boundary.send('reads', line, headers)
    expect(head).toMatch(/content-type: application\/json/i)
    expect(JSON.parse(body)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason,
      code: status,
    })
    const { causes } = JSON.parse(body).details
    expect(causes).toContainEqual({ reason: 'LeasegateReason', message: 'refused-by-envoy' })
  })
})
