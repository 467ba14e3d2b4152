import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listensOn } from '../../local/process/listens-on.ts'
import type { Supervisor } from '../../local/process/supervisor.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { type OpenStream, openHttp1 } from '../support/envoy/open-stream.ts'
import { startScripted } from '../support/envoy/scripted-authorizer.ts'
import { stretched, until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

const PROCESS = join(import.meta.dirname, '../support/envoy/authorizer-process.ts')

async function send({ port }: TestBoundary): Promise<number> {
  const { status } = await rawRequest(port, ['GET /api/v1/pods HTTP/1.1', 'Host: kube'])
  return status
}

/** Watches that run, each held by one authorizer or the other. */
async function watches({ port }: TestBoundary, count: number): Promise<readonly OpenStream[]> {
  const lines = ['GET /api/v1/pods?watch=1 HTTP/1.1', 'Host: kube']
  const streams = Array.from({ length: count }, () => openHttp1(port, lines))
  await until('all to run', () => streams.every(stream => stream.text().includes('tick')))
  return streams
}

const over = (streams: readonly OpenStream[]) => streams.filter(stream => stream.isOver())

describe('authorizers as processes', () => {
  let boundary: TestBoundary

  async function startProcesses(sockets: readonly string[], supervisor: Supervisor, directory: string) {
    const starting = sockets.map((socket, index) =>
      supervisor.start({
        name: `a${index}`,
        command: process.execPath,
        args: [PROCESS, socket],
        logFile: join(directory, `a${index}.log`),
        isReady: () => listensOn(socket),
      }),
    )
    await Promise.all(starting)
    return []
  }

  async function startAgain(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map(name => boundary.supervisor.startAgain(name)))
    await bothHealthy()
  }

  async function bothHealthy(): Promise<void> {
    await until('Envoy to find both healthy', async () => {
      const clusters = await boundary.clusters()
      return clusters.match(/^authorizers::.*::health_flags::healthy$/gm)?.length === 2
    })
  }

  beforeAll(async () => {
    boundary = await startBoundary({ startAuthorizers: startProcesses })
  })
  afterAll(() => boundary.stop())

  test('one that is killed takes the streams that it held, and no other', async () => {
    const streams = await watches(boundary, 12)
    const from = performance.now()
    await boundary.supervisor.end('a0', 'SIGKILL')
    await until('some to end', () => over(streams).length > 0)
    expect(performance.now() - from).toBeLessThan(stretched(1000))
    const ended = over(streams).length
    expect(ended).toBeLessThan(12)
    await boundary.supervisor.end('a1', 'SIGKILL')
    await until('all to end', () => over(streams).length === 12)
    await startAgain('a0', 'a1')
  })

  test('one that is frozen takes its streams as well, soon', async () => {
    const streams = await watches(boundary, 12)
    const from = performance.now()
    boundary.supervisor.signal('a0', 'SIGSTOP')
    boundary.supervisor.signal('a1', 'SIGSTOP')
    await until('all to end', () => over(streams).length === 12)
    expect(performance.now() - from).toBeLessThan(stretched(2000))
    boundary.supervisor.signal('a0', 'SIGCONT')
    boundary.supervisor.signal('a1', 'SIGCONT')
    await bothHealthy()
  })

  test('while one of them is killed and comes back, hardly a request fails, and none gets through undecided', async () => {
    let isBack = false
    const statuses: number[] = []
    const load = Array.from({ length: 4 }, async () => {
      while (!isBack) statuses.push(await send(boundary))
    })
    await until('load', () => statuses.length > 50)
    await boundary.supervisor.end('a0', 'SIGKILL')
    const before = statuses.length
    await until('more load', () => statuses.length > before + 200)
    await startAgain('a0')
    const after = statuses.length
    await until('more load', () => statuses.length > after + 100)
    isBack = true
    await Promise.all(load)
    const failed = statuses.filter(status => status !== 200)
    expect(failed.filter(status => status !== 503)).toEqual([])
    // For each sender at most what the dead one had in its hands, and what was sent to it before Envoy had noticed.
    expect(failed.length).toBeLessThanOrEqual(2 * 4)
  })
})

describe('an authorizer that leaves', () => {
  let boundary: TestBoundary

  beforeAll(async () => {
    boundary = await startBoundary()
  })
  afterAll(() => boundary.stop())

  test('fails no request, keeps its streams until the limit, and is used again when it is back', async () => {
    const { script, directory } = boundary
    const [first] = boundary.authorizers
    if (first === undefined) throw new Error('there is no authorizer')
    const streams = await watches(boundary, 10)
    const held = [...script.live.values()].filter(name => name === 'a0').length
    expect(held).toBeGreaterThan(0)
    let isDone = false
    const statuses: number[] = []
    const load = Array.from({ length: 4 }, async () => {
      while (!isDone) statuses.push(await send(boundary))
    })

    first.leave()
    await until('new requests to go elsewhere', () => script.asked.slice(-50).every(name => name === 'a1'))
    const from = performance.now()
    await first.stop(1500)
    expect(performance.now() - from).toBeGreaterThan(1400)
    await until('its streams to end', () => over(streams).length === held)
    expect(performance.now() - from).toBeLessThan(stretched(2500))

    const again = await startScripted(join(directory, 'a0.sock'), 'a0', script)
    await until('it to be asked again', () => script.asked.slice(-50).includes('a0'))
    isDone = true
    await Promise.all(load)
    expect(statuses.length).toBeGreaterThan(100)
    expect(statuses.filter(status => status !== 200)).toEqual([])
    expect(over(streams)).toHaveLength(held)
    for (const stream of streams) stream.leave()
    await again.stop(0)
  })
})
