import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../../src/support/logger.ts'
import { EnvoyGap } from '../../src/tap/envoy-gap.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

let boundary: TestBoundary
beforeAll(async () => {
  boundary = await startBoundary()
})
afterAll(() => boundary.stop())

const lines: string[] = []
const log = createLogger({ name: 'tap', level: 'warn', destination: { write: line => void lines.push(line) } })
const told = () => boundary.outcomes.filter(({ phase }) => phase === 'end').length

/** One look may find a part of them and the next the rest. */
function saidMissing(): number {
  const said = lines.map(line => JSON.parse(line) as { readonly msg: string; readonly requests: number })
  return said.filter(({ msg }) => msg.includes('never told')).reduce((sum, { requests }) => sum + requests, 0)
}

/** What Envoy answers by itself, in every way that there is, and one that passes. */
const REQUESTS: readonly (readonly string[])[] = [
  ['GET /api/v1/a HTTP/1.1', 'Host: kube'],
  ['GET /p%2Fq HTTP/1.1', 'Host: kube'],
  ['GET /long HTTP/1.1', 'Host: kube', `X: ${'a'.repeat(62_000)}`],
  ['GET / HTTP/1.1', 'Host: kube', 'A_b: 1'],
  ['GARBAGE'],
  ['GET / HTTP/1.1', ''],
  ['GET http://x/y HTTP/1.1', 'Host: kube'],
  ['GET /up HTTP/1.1', 'Host: kube', 'Connection: Upgrade', 'Upgrade: x'],
  ['GET / HTTP/1.0', 'Host: kube'],
]

async function sendAll(): Promise<void> {
  const before = told()
  for (const request of REQUESTS) await rawRequest(boundary.port, request)
  await until('an end of each', () => told() >= before + REQUESTS.length)
}

function start(ends: () => number): EnvoyGap {
  return new EnvoyGap({ socketPath: join(boundary.directory, 'admin.sock'), ends, log, everyMs: 100, settleMs: 1500 })
}

/** One look at least lies between. */
async function looked(gap: EnvoyGap, lost: number): Promise<void> {
  await until('the gap', () => gap.missing >= lost)
}

describe('EnvoyGap', () => {
  test('each request has one end, also those that Envoy answers by itself: nothing is missing', async () => {
    let lost = 0
    const gap = start(told)
    const lossy = start(() => told() - lost)
    await until('the first look', () => gap.counting && lossy.counting)
    await sendAll()
    // By the time that another one has noticed a loss, this one would have too.
    lost = 2
    await looked(lossy, 2)
    expect([gap.missing, lossy.missing]).toEqual([0, 2])
    expect(saidMissing()).toBe(2)
    await Promise.all([gap.stop(), lossy.stop()])
  })

  test('goes on where it was when Envoy counts anew, and says so when it is silent', async () => {
    let lost = 0
    const gap = start(() => told() - lost)
    await until('the first look', () => gap.counting)
    await sendAll()
    lost = 1
    await looked(gap, 1)
    await boundary.supervisor.end('envoy', 'SIGKILL')
    await until('a line', () => lines.some(line => line.includes('Envoy does not say')))
    // Noticed by a count that is lower than before. Nothing is under way then, or what comes late would count as told.
    await boundary.supervisor.startAgain('envoy')
    await until('a new beginning', () => lines.filter(line => line.includes('Envoy counts anew')).length === 1)
    await sendAll()
    lost = 4
    await looked(gap, 4)
    expect(gap.missing).toBe(4)
    await gap.stop()
  })
})
