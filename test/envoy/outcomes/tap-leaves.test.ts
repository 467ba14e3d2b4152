import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { until } from '../../support/until.ts'
import { rawRequest } from '../../support/wire/raw-request.ts'

const EVERY_MS = 10
/** What collects while Envoy stands still is more than HTTP/2 lets it send unasked. */
const LONG = 'b'.repeat(2000)

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary()
})
afterAll(() => boundary.stop())

/** Requests at a steady pace while something happens; the paths of those that were answered, whatever the answer was. */
async function underLoad(name: string, meanwhile: () => Promise<unknown>): Promise<readonly string[]> {
  const asking: Promise<string | null>[] = []
  const ask = async (path: string): Promise<string | null> => {
    const answer = await rawRequest(boundary.port, [`GET ${path} HTTP/1.1`, 'Host: kube']).catch(() => null)
    return answer === null ? null : path
  }
  const sending = setInterval(() => void asking.push(ask(`/api/v1/${name}${asking.length}-${LONG}`)), EVERY_MS)
  try {
    await meanwhile()
  } finally {
    clearInterval(sending)
  }
  const paths = await Promise.all(asking)
  return paths.filter(path => path !== null)
}

const untold = (paths: readonly string[]): readonly string[] => {
  const told = new Set(boundary.outcomes.map(({ path }) => path))
  return paths.filter(path => !told.has(path))
}

/** More than is told so far. */
async function untilMoreIsTold(): Promise<void> {
  const before = boundary.outcomes.length
  await until('an outcome', () => boundary.outcomes.length > before)
}

/** Each of them once. */
async function allTold(paths: readonly string[]): Promise<void> {
  await until('the outcomes', () => untold(paths).length === 0).catch(() => undefined)
  expect(untold(paths)).toEqual([])
  const ours = boundary.outcomes.filter(({ path }) => paths.includes(path))
  expect(ours.length).toBe(paths.length)
}

/** Envoy writes to the tap again. */
const isThere = async () => /^tap::.*::health_flags::healthy/m.test(await boundary.clusters())

describe('a tap that is told to end', () => {
  test('takes no outcome along, and Envoy keeps those that come before there is another one', async () => {
    const paths = await underLoad('ends', async () => {
      for (let times = 0; times < 3; times += 1) {
        await until('Envoy to see the tap', isThere)
        await untilMoreIsTold()
        await boundary.replaceTap()
      }
    })
    await allTold(paths)
  })

  test('waits for an Envoy that is slow to hear of it', async () => {
    const paths = await underLoad('slow', async () => {
      await until('Envoy to see the tap', isThere)
      await untilMoreIsTold()
      boundary.supervisor.signal('envoy', 'SIGSTOP')
      const replaced = boundary.replaceTap()
      await pause(3000)
      boundary.supervisor.signal('envoy', 'SIGCONT')
      await replaced
    })
    await allTold(paths)
  })
})
