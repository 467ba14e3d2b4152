import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { freePort } from '../../../local/process/ports.ts'
import { Watchdog } from '../../../local/process/watchdog.ts'
import { createTapQueryRunner } from '../../../src/record/queries/tap-query-runner.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { SURROUNDINGS } from '../../cli/leasegate.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { begin, KINDS, running, toBody } from '../../recorder/a-session.ts'
import { aRing, keyFile } from '../../session/store/a-store.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { stretched, until } from '../../support/until.ts'

const JOURNAL = `${partitionPrefix('00')}journal`
const [WEBSOCKET] = KINDS
/** A look into the spool each second, two seconds, and what a machine under load takes more. */
const IN_TIME_MS = 5000
/** Node.js has four threads for the files of a process. */
const FOLDERS = [1, 2, 3, 4, 5, 6].map(n => `hangs-${n}`)

let valkey: Valkey
let link: RedisLink
let boundary: TestBoundary
let tap: ChildProcess
let healthPort: number
const watchdog = new Watchdog()
const here = (...path: readonly string[]) => join(valkey.dir, ...path)

beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  healthPort = await freePort()
  const keys = await keyFile(valkey.dir, aRing())
  boundary = await startBoundary({
    startRecorder: async socket => {
      tap = spawn(process.execPath, [MAIN, 'tap'], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...SURROUNDINGS,
          LEASEGATE_REDIS_URL: valkey.url,
          LEASEGATE_TAP_LISTEN: `unix:${here('tap.sock')}`,
          LEASEGATE_HEALTH_LISTEN: `127.0.0.1:${healthPort}`,
          LEASEGATE_QUERY_SOCKET: here('query.sock'),
          LEASEGATE_CLICKHOUSE_DIRECTORY: here('clickhouse'),
          LEASEGATE_RECORDER_LISTEN: `unix:${socket}`,
          LEASEGATE_SESSIONS_DIRECTORY: here('sessions'),
          LEASEGATE_SESSION_KEY_FILE: keys,
        },
      })
      watchdog.watch(tap.pid ?? 0)
      await until('the recorder', () => listensOn(socket))
    },
  })
})
afterAll(async () => {
  await boundary.stop()
  const ended = new Promise(resolve => tap.once('exit', resolve))
  if (tap.exitCode === null && tap.signalCode === null) {
    tap.kill('SIGKILL')
    await ended
  }
  await valkey.stop()
  watchdog.stop()
})

/** Files that whoever reads them waits for, as on a disk that does not answer: pipes that nobody has opened for writing. */
async function hang(): Promise<void> {
  for (const name of FOLDERS) {
    await mkdir(here(name))
    execFileSync('mkfifo', [here(name, 'head.json')])
    await rename(here(name), here('sessions', name))
  }
}

/** Nobody comes to them any more, and who waits goes on. */
async function release(): Promise<void> {
  for (const name of FOLDERS) await rename(here('sessions', name), here(name))
  for (const name of FOLDERS) closeSync(openSync(here(name, 'head.json'), 'r+'))
}

async function failingSeconds(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()
  return Number(/^leasegate_recorder_failing_seconds (\S+)$/m.exec(text)?.[1])
}

async function journal(auditId: string): Promise<void> {
  const entry = JSON.stringify(aDecision({ auditId, decidedAt: Date.now() }))
  await link.ask('write', redis => redis.xadd(JOURNAL, '*', 'e', entry))
}

async function recorded(): Promise<readonly unknown[]> {
  const ask = createTapQueryRunner(here('query.sock'))
  const { rows } = await ask({ kind: 'sql', sql: 'SELECT audit_id FROM requests ORDER BY audit_id' })
  return rows.flat()
}

describe('a tap whose disk of sessions hangs', () => {
  test('ends sessions in time and lets none begin, while rows go on; and records again when it does not', async () => {
    const { stream } = await running(boundary, WEBSOCKET)
    expect(await failingSeconds()).toBe(0)
    const from = performance.now()
    await hang()
    await until('the end', () => stream.isOver())
    expect(performance.now() - from).toBeLessThan(stretched(IN_TIME_MS))
    boundary.upstream.seen.length = 0
    const refused = begin(boundary, WEBSOCKET)
    await until(
      'the refusal',
      () => /^HTTP\/1\.1 50[034]/.test(refused.stream.text()) && toBody(refused.stream).endsWith('\n'),
    )
    expect(boundary.upstream.seen).toEqual([])
    refused.stream.leave()
    await journal('a')
    await until('its row', async () => (await recorded()).includes('a'))
    await until('the metric to tell', async () => (await failingSeconds()) > 2)
    await release()
    const again = await running(boundary, WEBSOCKET)
    again.stream.leave()
    await until('the metric to tell', async () => (await failingSeconds()) === 0)
  })
})
