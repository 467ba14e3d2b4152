import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { Watchdog } from '../../local/process/watchdog.ts'
import { createTapQueryRunner } from '../../src/record/queries/tap-query-runner.ts'
import { openKeyFile } from '../../src/session/store/keys/key-file.ts'
import { createSessionSource } from '../../src/session/store/reading/session-source.ts'
import { Spool } from '../../src/session/store/spool/spool.ts'
import { openSpoolSessionSink } from '../../src/session/store/spool/spool-session-sink.ts'
import { LEFT } from '../../src/session/store/spool/take-over.ts'
import { leasegate, SURROUNDINGS } from '../cli/leasegate.ts'
import { aHead, output, quiet, readAll } from '../session/store/a-store.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

let valkey: Valkey
const watchdog = new Watchdog()
const taps: ChildProcess[] = []

beforeAll(async () => {
  valkey = await Valkey.start()
})
afterEach(() => Promise.all(taps.splice(0).map(end)))
afterAll(async () => {
  await valkey.stop()
  watchdog.stop()
})

const here = (name: string) => join(valkey.dir, name)
const environment = () => ({
  ...SURROUNDINGS,
  LEASEGATE_REDIS_URL: valkey.url,
  LEASEGATE_TAP_LISTEN: `unix:${here('tap.sock')}`,
  LEASEGATE_QUERY_SOCKET: here('query.sock'),
  LEASEGATE_CLICKHOUSE_DIRECTORY: here('clickhouse'),
  LEASEGATE_SESSIONS_DIRECTORY: here('sessions'),
  LEASEGATE_SESSION_KEY_FILE: here('session.keys.json'),
  LEASEGATE_SESSION_COMMANDS: 'masked',
})

function startTap(): void {
  const tap = spawn(process.execPath, [MAIN, 'tap'], { env: environment(), stdio: ['ignore', 'ignore', 'inherit'] })
  taps.push(tap)
  watchdog.watch(tap.pid ?? 0)
}

async function end(tap: ChildProcess): Promise<void> {
  if (tap.exitCode !== null || tap.signalCode !== null) return
  const ended = new Promise(resolve => tap.once('exit', resolve))
  tap.kill('SIGTERM')
  await ended
}

/** As a recorder before left it: one that ended, one that runs. */
async function recorded(): Promise<void> {
  const keys = await openKeyFile(here('session.keys.json'), () => {})
  const sink = await openSpoolSessionSink(await Spool.open(here('sessions'), 2 ** 30), keys, quiet)
  const ended = await sink.open(aHead({ auditId: 'ended' }))
  await ended.append([output('x'.repeat(3_000_000))])
  await ended.append([output('the end')])
  await ended.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  await (await sink.open(aHead({ auditId: 'left' }))).append([output('so far')])
  const shell = await sink.open(aHead({ auditId: 'shell' }))
  const input = { atMs: 0, kind: 'input', bytes: Buffer.from('\r') } as const
  await shell.append([output('$ '), { ...input, bytes: Buffer.from('id') }, output('id'), input, output('\r\n')])
  await shell.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  await sink.stop(null)
  keys.close()
}

describe('leasegate tap with recorded sessions', () => {
  test('brings what it finds into the record, answers for it on its socket, and lets it be deleted', async () => {
    const made = await leasegate(['keys', 'sessions', '--dir', valkey.dir])
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/session\.keys\.json: [0-9a-f]{16} wraps\n$/) })
    expect((await stat(here('session.keys.json'))).mode & 0o777).toBe(0o600)
    expect((await leasegate(['keys', 'sessions', '--dir', valkey.dir])).stderr).toContain('it exists already')
    await recorded()
    expect((await leasegate(['keys', 'sessions', '--dir', valkey.dir, '--add'])).code).toBe(0)
    startTap()
    await until('the spool to be empty', async () => (await readdir(here('sessions'))).length === 0, 60_000)
    const keys = await openKeyFile(here('session.keys.json'), () => {})
    const source = createSessionSource(createTapQueryRunner(here('query.sock')), keys)
    const read = await readAll(source, 'ended')
    expect(read?.text).toBe(`${'x'.repeat(3_000_000)}the end`)
    expect(read?.ended).toEqual({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
    expect(await readAll(source, 'left')).toMatchObject({ text: 'so far', ended: { why: LEFT } })
    expect(await source.open('nobody')).toBeNull()
    const asked = ['query', 'session-commands', '--program', 'id', '-o', 'json']
    const typed = await leasegate(asked, { LEASEGATE_QUERY_SOCKET: here('query.sock') })
    expect(JSON.parse(typed.stdout)).toMatchObject([{ audit_id: 'shell', command: 'id', known: 'echo' }])

    await Promise.all(taps.splice(0).map(end))
    const { LEASEGATE_SESSIONS_DIRECTORY: _, ...eraser } = environment()
    const remove = (...args: readonly string[]) => leasegate(['sessions', 'delete', ...args], eraser)
    expect(await remove('left')).toMatchObject({ code: 1, stdout: '1 recorded sessions\n' })
    expect((await remove('left', '--yes')).stderr).toContain('say --why')
    expect((await remove('left', '--agent', 'a')).stderr).toContain('name a session by its audit id, or one of')
    expect(await remove('left', '--yes', '--why', 'asked to', '--by', 'root')).toMatchObject({ code: 0 })
    startTap()
    const gone = { code: 'gone', message: expect.stringContaining('deleted by root') }
    await until(
      'the tap',
      async () =>
        source.open('ended').then(
          () => true,
          () => false,
        ),
      60_000,
    )
    await expect(source.open('left')).rejects.toMatchObject(gone)
    keys.close()
  }, 240_000)

  test('a folder for sessions without keys is a mistake: it does not start', async () => {
    const { LEASEGATE_SESSION_KEY_FILE: _, ...half } = environment()
    const ran = await leasegate(['tap'], { ...half, LEASEGATE_CLICKHOUSE_DIRECTORY: here('other') })
    expect(ran.code).not.toBe(0)
    expect(ran.stdout + ran.stderr).toContain('set LEASEGATE_SESSION_KEY_FILE or LEASEGATE_SESSION_KEY_COMMAND')
  }, 60_000)
})
