import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { Watchdog } from '../../local/process/watchdog.ts'
import { createTapQueryRunner } from '../../src/record/queries/tap-query-runner.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { SURROUNDINGS } from '../cli/leasegate.ts'
import { aDecision } from '../record/a-journal-entry.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const JOURNAL = `${partitionPrefix('00')}journal`
const run = promisify(execFile)

let valkey: Valkey
let link: RedisLink
let directory: string
const watchdog = new Watchdog()
const taps: ChildProcess[] = []

beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  directory = await mkdtemp(join(tmpdir(), 'lg-disk-'))
})
afterEach(async () => {
  for (const tap of taps.splice(0)) {
    const ended = new Promise(resolve => tap.once('exit', resolve))
    if (tap.exitCode === null && tap.signalCode === null) {
      tap.kill('SIGKILL')
      await ended
    }
  }
})
afterAll(async () => {
  await valkey.stop()
  watchdog.stop()
  await rm(directory, { recursive: true, force: true })
})

interface TapOnDisk {
  readonly pid: number
  readonly output: () => string
  readonly exited: Promise<number | null>
  /** Runs a program where the tap sees its disk. */
  readonly inside: (...command: readonly string[]) => Promise<unknown>
}

/** A real tap whose database is on a disk of its own: a tmpfs in a mount namespace, which needs no rights but that to make one. */
function startTapOn(options: string): TapOnDisk {
  const script = `mount -t tmpfs -o ${options} tmpfs "$1" && shift && exec "$@"`
  const disk = ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', directory]
  const child = spawn('unshare', [...disk, process.execPath, MAIN, 'tap'], {
    env: {
      ...SURROUNDINGS,
      LEASEGATE_REDIS_URL: valkey.url,
      LEASEGATE_TAP_LISTEN: `unix:${join(valkey.dir, 'tap.sock')}`,
      LEASEGATE_QUERY_SOCKET: join(valkey.dir, 'query.sock'),
      LEASEGATE_CLICKHOUSE_DIRECTORY: join(directory, 'clickhouse'),
      LEASEGATE_DRAIN_LIMIT: '1s',
    },
  })
  taps.push(child)
  const pid = child.pid ?? 0
  watchdog.watch(pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  return {
    pid,
    output: () => output,
    exited: new Promise(resolve => child.once('close', resolve)),
    inside: (...command) =>
      run('nsenter', ['-t', String(pid), '--user', '--mount', '--preserve-credentials', ...command]),
  }
}

async function journal(...auditIds: readonly string[]): Promise<void> {
  for (const auditId of auditIds) {
    const entry = JSON.stringify(aDecision({ auditId, decidedAt: Date.now() }))
    await link.ask('write', redis => redis.xadd(JOURNAL, '*', 'e', entry))
  }
}

const left = () => link.ask('length', redis => redis.xlen(JOURNAL))

async function recorded(): Promise<readonly unknown[]> {
  const ask = createTapQueryRunner(join(valkey.dir, 'query.sock'))
  const { rows } = await ask({ kind: 'sql', sql: 'SELECT audit_id FROM requests ORDER BY audit_id' })
  return rows.flat()
}

describe('the tap on a disk', () => {
  test('that is full: says so, keeps the journal, and goes on by itself when there is room', async () => {
    const tap = startTapOn('size=48m')
    await until('the tap', () => tap.output().includes('"msg":"ready"'))
    await journal('a', 'b')
    await until('the first rows', async () => (await left()) === 0)
    // As root of its namespace the tap could use what is reserved: there is nothing reserved on a tmpfs.
    await tap.inside('dd', 'if=/dev/zero', `of=${join(directory, 'filler')}`, 'bs=1M').catch(() => undefined)
    await journal('c', 'd')
    await until('a complaint', () => tap.output().includes('NOT_ENOUGH_SPACE'))
    expect(await left()).toBe(2)
    await tap.inside('rm', join(directory, 'filler'))
    await until('an empty journal', async () => (await left()) === 0)
    await until('word of it', () => tap.output().includes('the record is written again'))
    expect(await recorded()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('that becomes read-only: the same', async () => {
    const tap = startTapOn('size=64m')
    await until('the tap', () => tap.output().includes('"msg":"ready"'))
    await journal('e')
    await until('the first row', async () => (await left()) === 0)
    const store = join(directory, 'clickhouse', 'store')
    await tap.inside('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', store)
    await journal('f', 'g')
    await until('a complaint', () => tap.output().includes('the record cannot be written'))
    expect(await left()).toBe(2)
    await tap.inside('umount', store)
    await until('an empty journal', async () => (await left()) === 0)
    expect(await recorded()).toEqual(['e', 'f', 'g'])
  })

  test('that is read-only from the start: does not start, and says which directory', async () => {
    await writeFile(join(directory, 'here'), '')
    const tap = startTapOn('ro')
    expect(await tap.exited).toBe(2)
    expect(tap.output()).toContain(`leasegate: the tap cannot start: cannot open ${join(directory, 'clickhouse')}`)
  })
})
