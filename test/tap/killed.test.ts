import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { Watchdog } from '../../local/process/watchdog.ts'
import { queryRows } from '../../src/record/audit/query-rows.ts'
import { type Verified, verifyRecord } from '../../src/record/audit/verify-record.ts'
import { createTapQueryRunner } from '../../src/record/queries/tap-query-runner.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { leasegate, SURROUNDINGS } from '../cli/leasegate.ts'
import { aDecision } from '../record/a-journal-entry.ts'
import { describeTrouble } from '../record/audit/a-record.ts'
import { type LedgerFolder, makeLedgerFolder } from '../record/ledger/a-ledger.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const JOURNAL = `${partitionPrefix('00')}journal`
const DAY_MS = 86_400_000
const KILLS = 4

let valkey: Valkey
let folder: LedgerFolder
const watchdog = new Watchdog()
const taps: ChildProcess[] = []

beforeAll(async () => {
  valkey = await Valkey.start()
  folder = await makeLedgerFolder()
})
afterEach(() => Promise.all(taps.splice(0).map(tap => end(tap, 'SIGKILL'))))
afterAll(async () => {
  await valkey.stop()
  watchdog.stop()
  await folder[Symbol.asyncDispose]()
})

const environment = () => ({
  ...SURROUNDINGS,
  LEASEGATE_REDIS_URL: valkey.url,
  LEASEGATE_TAP_LISTEN: `unix:${join(valkey.dir, 'tap.sock')}`,
  LEASEGATE_QUERY_SOCKET: join(valkey.dir, 'query.sock'),
  LEASEGATE_CLICKHOUSE_DIRECTORY: join(valkey.dir, 'clickhouse'),
  LEASEGATE_LEDGER_DIRECTORY: folder.directory,
  LEASEGATE_LEDGER_KEY_FILE: folder.keyFile,
})

function startTap(): ChildProcess {
  const tap = spawn(process.execPath, [MAIN, 'tap'], { env: environment(), stdio: ['ignore', 'ignore', 'inherit'] })
  taps.push(tap)
  watchdog.watch(tap.pid ?? 0)
  return tap
}

async function end(tap: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (tap.exitCode !== null || tap.signalCode !== null) return
  const ended = new Promise(resolve => tap.once('exit', resolve))
  tap.kill(signal)
  await ended
}

const verify = (): Promise<Verified> =>
  verifyRecord({
    directory: folder.directory,
    keys: [folder.publicKey],
    source: queryRows(createTapQueryRunner(join(valkey.dir, 'query.sock'))),
    keep: { requests: 90 * DAY_MS, events: 400 * DAY_MS },
    now: Date.now(),
  })

describe('leasegate tap with a ledger', () => {
  test('killed again and again, and stopped at last: each row is entered, and nothing is found', async () => {
    const redis = (await valkey.connected()).waiting('journal', JOURNAL)
    let written = 0
    const journal = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++, written++) {
        const entry = JSON.stringify(aDecision({ auditId: `a-${written}`, decidedAt: Date.now() }))
        await redis.xadd(JOURNAL, '*', 'e', entry, 's', '{"decision":"allow","reason":"","approval":""}')
      }
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const tap = startTap()
      await journal(100)
      const before = await redis.xlen(JOURNAL)
      await until('the tap to write', async () => (await redis.xlen(JOURNAL)) < before, 60_000)
      await journal(50)
      await end(tap, 'SIGKILL')
    }
    const last = startTap()
    await until('the journal to be read', async () => (await redis.xlen(JOURNAL)) === 0, 60_000)
    redis.disconnect()
    const { troubles, counts } = await verify()
    expect(troubles.map(describeTrouble)).toEqual([])
    expect(counts.good).toBe(written)
    await end(last, 'SIGTERM')
    const pem = folder.publicKey.export({ type: 'spki', format: 'pem' })
    const key = join(valkey.dir, 'ledger.pub.pem')
    await writeFile(key, pem)
    startTap()
    await until('the tap', async () => (await leasegate(['sql', 'SELECT 1'], environment())).code === 0, 60_000)
    const verified = await leasegate(['audit', 'verify', '--key', key], environment())
    expect(verified).toMatchObject({ code: 0, stderr: '' })
  }, 240_000)

  test('half of a ledger in the settings is none: it does not start', async () => {
    const { LEASEGATE_LEDGER_KEY_FILE: _, ...half } = environment()
    const ran = await leasegate(['tap'], { ...half, LEASEGATE_CLICKHOUSE_DIRECTORY: join(valkey.dir, 'other') })
    expect(ran.code).not.toBe(0)
    expect(ran.stdout + ran.stderr).toContain('LEASEGATE_LEDGER_DIRECTORY and LEASEGATE_LEDGER_KEY_FILE go together')
  })
})
