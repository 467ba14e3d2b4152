import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { envoyAdmin } from '../../src/companion/envoy-admin.ts'
import { type Companion, startCompanion } from '../../src/companion/start-companion.ts'
import { createLogger } from '../../src/support/logger.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { openHttp2 } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

const TIMES = { heardMs: 0, outlivesMs: 100 }
const log = createLogger({ name: 'companion', level: 'error', destination: { write: () => undefined } })

let boundary: TestBoundary
let companion: Companion
let stopped: Promise<void> | null

beforeEach(async () => {
  boundary = await startBoundary()
  stopped = null
  const config = {
    logLevel: 'error',
    envoyAdminSocket: join(boundary.directory, 'admin.sock'),
    healthListen: { kind: 'unix', path: join(boundary.directory, 'companion.sock') },
    drainLimit: 20_000,
  } as const
  companion = await startCompanion(config, log, TIMES)
})
afterEach(async () => {
  await boundary.stop()
  await (stopped ?? companion.stop())
})

const stop = () => {
  stopped = companion.stop()
  return stopped
}
const admin = () => envoyAdmin(join(boundary.directory, 'admin.sock'))
const ask = (path: string, method: 'GET' | 'POST' = 'GET') =>
  envoyAdmin(join(boundary.directory, 'companion.sock')).ask(method, path)
const get = () => rawRequest(boundary.port, ['GET /api/v1/pods HTTP/1.1', 'Host: kube', 'Authorization: Bearer x'])

describe('startCompanion', () => {
  test("shows Envoy's metrics and whether it is ready", async () => {
    await get()
    const { text } = await ask('/metrics')
    expect(text).toMatch(/^envoy_http_downstream_rq_completed\{envoy_http_conn_manager_prefix="boundary"\} 1$/m)
    expect(await ask('/readyz')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await ask('/envoyz')).toMatchObject({ status: 200 })
    expect(await ask('/livez')).toMatchObject({ status: 200 })
  })

  test.each([
    '/config_dump',
    '/certs',
    '/quitquitquit',
    '/healthcheck/fail',
    '/drain_listeners',
    '/metrics/../config_dump',
    '/',
  ])('has nothing of %s on the network', async path => {
    expect(await ask(path)).toMatchObject({ status: 404, text: '' })
    expect(await ask(path, 'POST')).toMatchObject({ status: 404, text: '' })
    expect(await ask('/readyz')).toMatchObject({ status: 200 })
  })

  test('drains when it is asked to stop: what runs goes on, and only then Envoy may be ended', async () => {
    const stream = openHttp2(boundary.port, '/api/v1/pods?watch=1')
    await until('the watch to run', () => /tick\n/.test(stream.text()))
    let told = false
    const drained = ask('/drained').then(() => {
      told = true
    })
    stop()
    await until('Envoy to say that it is not ready', async () => (await ask('/readyz')).status === 503)
    expect(await ask('/envoyz')).toMatchObject({ status: 200 })
    expect((await get()).status).toBe(200)
    expect(told).toBe(false)
    stream.leave()
    await drained
    await stopped
  })

  test('says that an Envoy is lost which drains though nobody ends it', async () => {
    await admin().ask('POST', '/healthcheck/fail')
    expect(await ask('/envoyz')).toMatchObject({ status: 503, text: 'Envoy is lost\n' })
  })

  test('says that Envoy is not ready when there is none', async () => {
    await boundary.supervisor.stop()
    expect(await ask('/readyz')).toMatchObject({ status: 503 })
    expect(await ask('/livez')).toMatchObject({ status: 200 })
  })
})
