import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { drain } from '../../src/companion/drain.ts'
import { envoyAdmin } from '../../src/companion/envoy-admin.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { openHttp2 } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

const LONG = 20_000

let boundary: TestBoundary

beforeEach(async () => {
  boundary = await startBoundary()
})
afterEach(() => boundary.stop())

const admin = () => envoyAdmin(join(boundary.directory, 'admin.sock'))
const get = () => rawRequest(boundary.port, ['GET /api/v1/pods HTTP/1.1', 'Host: kube', 'Authorization: Bearer x'])

async function watching() {
  const stream = openHttp2(boundary.port, '/api/v1/pods?watch=1')
  await until('the watch to run', () => /tick\n/.test(stream.text()))
  return stream
}

describe('drain', () => {
  test('is over at once when nothing is open', async () => {
    expect(await drain(admin(), { limitMs: LONG, atLeastMs: 0 })).toEqual({ left: 0 })
  })

  test('waits for a stream that runs, and answers what still comes', async () => {
    const stream = await watching()
    let over = false
    const draining = drain(admin(), { limitMs: LONG, atLeastMs: 0 }).finally(() => {
      over = true
    })
    await until('Envoy to say that it is not well', async () => (await admin().ask('GET', '/ready')).status === 503)
    expect((await get()).status).toBe(200)
    expect(over).toBe(false)
    const ticks = stream.text().length
    await until('the stream to go on', () => stream.text().length > ticks)
    stream.leave()
    expect(await draining).toEqual({ left: 0 })
  })

  test('asks clients to go elsewhere', async () => {
    const stream = await watching()
    const draining = drain(admin(), { limitMs: LONG, atLeastMs: 0 })
    await until('an answer that ends its connection', async () => /connection: close/i.test((await get()).head))
    stream.leave()
    await draining
  })

  test('says how many it leaves when the time is up', async () => {
    const stream = await watching()
    expect(await drain(admin(), { limitMs: 300, atLeastMs: 0 })).toEqual({ left: 1 })
    stream.leave()
  })

  test('is not over before the tap has heard what became of the last request', async () => {
    let over = false
    let draining: Promise<unknown> = Promise.resolve()
    await boundary.withoutTap(async () => {
      expect((await get()).status).toBe(200)
      draining = drain(admin(), { limitMs: LONG, atLeastMs: 0 }).finally(() => {
        over = true
      })
      await until('Envoy to say that it is not well', async () => (await admin().ask('GET', '/ready')).status === 503)
      // Longer than it takes where the tap is there.
      await pause(2000)
      expect(over).toBe(false)
    })
    expect(await draining).toEqual({ left: 0 })
    expect(boundary.outcomes).toHaveLength(1)
  })

  test('does not wait for ever for a tap that is away', async () => {
    await boundary.withoutTap(async () => {
      expect(await drain(admin(), { limitMs: 500, atLeastMs: 0 })).toEqual({ left: 0, untold: true })
    })
  })

  test('rejects when there is no Envoy', async () => {
    await expect(
      drain(envoyAdmin(join(boundary.directory, 'none.sock')), { limitMs: LONG, atLeastMs: 0 }),
    ).rejects.toThrow(/ENOENT/)
  })
})
