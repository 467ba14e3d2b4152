import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RawAnswer } from '../support/wire/raw-request.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'
import {
  BEYOND,
  container,
  KEY,
  MERGE,
  OTHERWISE,
  RESTARTS,
  STEPS,
  STEPS_BEYOND,
  STRATEGIC,
  WEB,
} from './restart-tries.ts'

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

function sent(line: string, type: string, body: string | Buffer): Promise<RawAnswer> {
  return boundary.send('restarts', line, [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`], body)
}

describe('a lease that may restart and nothing else', () => {
  test.each(RESTARTS)('restarts by $name, byte for byte', async ({ line, type, body }) => {
    expect((await sent(line, type, body)).status).toBe(200)
    expect(boundary.upstream.received.map(each => each.body)).toEqual([Buffer.from(body)])
  })

  test.each(BEYOND)('does not write $name, in any way of merging', async ({ patch }) => {
    for (const type of [STRATEGIC, MERGE]) {
      expect((await sent(`PATCH ${WEB}`, type, JSON.stringify(patch))).status).toBe(403)
    }
    expect(boundary.upstream.received).toEqual([])
  })

  test.each(STEPS_BEYOND)('does not take $name', async ({ steps }) => {
    expect((await sent(`PATCH ${WEB}`, STEPS, JSON.stringify(steps))).status).toBe(403)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each(OTHERWISE)('does not pass $line as $type', async ({ line, type, body }) => {
    const { status } = await sent(line, type, body)
    expect([400, 403]).toContain(status)
    expect(boundary.upstream.received).toEqual([])
  })

  test('says which field is beyond, and which are not', async () => {
    const { body } = await sent(`PATCH ${WEB}`, STRATEGIC, JSON.stringify(container({ image: 'x' })))
    expect(JSON.parse(body).message).toContain(`but for patches of spec.template.metadata.annotations["${KEY}"]`)
    expect(JSON.parse(body).message).toContain('and this one changes spec.template.spec.containers')
  })
})
