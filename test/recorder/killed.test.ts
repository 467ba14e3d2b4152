import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listensOn } from '../../local/process/listens-on.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { stretched, until } from '../support/until.ts'
import { begin, KINDS, running, toBody } from './a-session.ts'

let boundary: TestBoundary
let pid = 0

beforeAll(async () => {
  boundary = await startBoundary({
    startRecorder: async (socket, supervisor, directory) => {
      const started = await supervisor.start({
        name: 'recorder',
        command: process.execPath,
        args: [join(import.meta.dirname, 'recorder-process.ts'), socket],
        logFile: join(directory, 'recorder.log'),
        isReady: () => listensOn(socket),
      })
      pid = started.pid
    },
  })
})
afterAll(() => boundary.stop())

const [WEBSOCKET] = KINDS
/** Two seconds, and what a machine under load takes more. */
const IN_TIME_MS = 4000

const isHealthy = async () => /^recorder::.*::health_flags::healthy/m.test(await boundary.clusters())

describe('a recorder', () => {
  test.each(['SIGSTOP', 'SIGKILL'] as const)(
    'that gets %s ends its sessions in time, and none begins',
    async signal => {
      const sessions = await Promise.all(KINDS.map(kind => running(boundary, kind)))
      const from = performance.now()
      process.kill(pid, signal)
      await until('the end', () => sessions.every(({ stream }) => stream.isOver()))
      expect(performance.now() - from).toBeLessThan(stretched(IN_TIME_MS))
      boundary.upstream.seen.length = 0
      const { stream } = begin(boundary, WEBSOCKET)
      await until('the refusal', () => /^HTTP\/1\.1 50[034]/.test(stream.text()) && toBody(stream).endsWith('\n'))
      expect(JSON.parse(toBody(stream))).toMatchObject({ kind: 'Status', status: 'Failure' })
      expect(boundary.upstream.seen).toEqual([])
      stream.leave()
      if (signal === 'SIGKILL') return
      process.kill(pid, 'SIGCONT')
      await until('it to be found healthy', isHealthy)
      const again = await running(boundary, WEBSOCKET)
      again.stream.leave()
    },
  )
})
