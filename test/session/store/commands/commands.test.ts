import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createQueryRunner } from '../../../../src/record/queries/run-query.ts'
import { RecordError, type RecordSink } from '../../../../src/record/record-sink.ts'
import { deleteSessions } from '../../../../src/record/sessions/delete-sessions.ts'
import type { SessionEvent } from '../../../../src/session/recording/session-event.ts'
import { keysOf } from '../../../../src/session/store/keys/key-file.ts'
import type { CommandsRule } from '../../../../src/session/store/shipping/outbound-session.ts'
import { Shipper } from '../../../../src/session/store/shipping/shipper.ts'
import { openTestDatabase, select } from '../../../record/embedded.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, quiet, recordOf, remove, type Store } from '../a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const run = createQueryRunner(clickhouse.reader)
const ring = aRing()
let folder: string
let store: Store

beforeEach(async () => {
  await database.clear()
  folder = await makeFolder()
  store = await openStore(folder, () => ring)
})
afterEach(async () => {
  await store.sink.stop(null)
  await remove(folder)
})
afterAll(() => database[Symbol.asyncDispose]())

let atMs = 0
const event = (kind: SessionEvent['kind'], text: string): SessionEvent => ({
  atMs: ++atMs,
  kind,
  bytes: Buffer.from(text),
})
const prompt = () => event('output', 'root@web:/# ')
const typed = (line: string): readonly SessionEvent[] => [
  ...[...line].flatMap(key => [event('input', key), event('output', key)]),
  event('input', '\r'),
  event('output', '\r\n'),
]

const ship = (commands?: CommandsRule, sink: RecordSink = recordOf(clickhouse)) =>
  new Shipper({
    spool: store.spool,
    keys: keysOf(() => ring),
    sink,
    log: quiet,
    everyMs: 20,
    ...(commands && { commands }),
  })

const isShipped = () => until('the spool to be empty', async () => (await readdir(folder)).length === 0)
const count = async (table: string) =>
  Number((await select(clickhouse.writer, `SELECT count() AS n FROM ${table}`))[0]?.['n'])

async function recorded(lines: readonly string[], shipper: Shipper, tty = true): Promise<void> {
  const session = await store.sink.open(aHead({ auditId: 'a-1', tty }))
  for (const line of lines) await session.append([prompt(), ...typed(line), event('output', 'done\r\n')])
  await session.end({ at: new Date().toISOString(), why: 'ended' })
  await isShipped()
  await shipper.stop()
}

async function commands(params: Readonly<Record<string, string>> = {}) {
  const { columns, rows } = await run({ kind: 'saved', name: 'session-commands', params })
  const at = columns.findIndex(({ name }) => name === 'command')
  return rows.map(row => String(row[at])).toReversed()
}

describe('commands of recorded sessions', () => {
  test('are sealed with the session where no setting says otherwise', async () => {
    await recorded(['kubectl get pods'], ship())
    expect([await count('session_chunks'), await count('session_commands')]).toEqual([2, 0])
  })

  test('become rows where one says so: which session ran what can be asked', async () => {
    await recorded(
      ['kubectl get pods -n shop', 'FOO=1 sudo /usr/bin/psql -c "select 1"', 'cat x | rm -rf /data'],
      ship('masked'),
    )
    expect(await commands()).toEqual([
      'kubectl get pods -n shop',
      'FOO=1 sudo /usr/bin/psql -c "select 1"',
      'cat x | rm -rf /data',
    ])
    expect(await commands({ program: 'kubectl' })).toEqual(['kubectl get pods -n shop'])
    expect(await commands({ program: 'psql' })).toEqual(['FOO=1 sudo /usr/bin/psql -c "select 1"'])
    expect(await commands({ program: 'rm' })).toEqual(['cat x | rm -rf /data'])
    expect(await commands({ contains: '/data', lease: 'lse_1', session: 'a-1' })).toEqual(['cat x | rm -rf /data'])
    expect(await commands({ lease: 'lse_2' })).toEqual([])
  })

  test('are masked as commands of exec are, and no credential stands in any column', async () => {
    const lines = [
      'mysql -u root -pHunter2Hunter2 shop',
      'curl -H "Authorization: Bearer Hunter2Hunter2" https://api',
      'export DB_PASSWORD=Hunter2Hunter2',
      'PGPASSWORD=Hunter2Hunter2 psql -h db',
      'echo root:Hunter2Hunter2 | chpasswd',
    ]
    await recorded(lines, ship('masked'))
    const rows = await select(clickhouse.writer, 'SELECT * FROM session_commands FINAL ORDER BY at_ms')
    expect(rows).toHaveLength(lines.length)
    expect(JSON.stringify(rows)).not.toContain('Hunter2')
    expect(rows.map(row => row['programs'])).toEqual([['mysql'], ['curl'], ['export'], ['psql'], ['echo', 'chpasswd']])
    expect(rows.filter(row => Number(row['masked']) === 0)).toEqual([])
  })

  test('of a session without a terminal are none: it has no prompts', async () => {
    await recorded(['rm -rf /'], ship('masked'), false)
    expect(await count('session_commands')).toBe(0)
  })

  test('are there while a session runs, and one whose prompt came in a chunk before', async () => {
    const shipper = ship('masked')
    const session = await store.sink.open(aHead({ auditId: 'a-1' }))
    await session.append([prompt(), ...typed('id'), prompt()])
    await until('the first to be there', async () => (await commands()).length === 1)
    const chunks = await count('session_chunks')
    await session.append(typed('whoami'))
    await until('the second to be there', async () => (await commands()).length === 2)
    expect(await count('session_chunks')).toBeGreaterThan(chunks)
    expect(await commands()).toEqual(['id', 'whoami'])
    await session.end({ at: new Date().toISOString(), why: 'ended' })
    await isShipped()
    await shipper.stop()
  })

  test('are there once when the record did not take them at first', async () => {
    let failures = 3
    const inner = recordOf(clickhouse)
    const sink: RecordSink = {
      write: async rows => {
        if (rows[0]?.table === 'session_commands' && failures-- > 0) throw new RecordError('unavailable', 'away')
        await inner.write(rows)
      },
    }
    await recorded(['id', 'whoami', 'ls'], ship('masked', sink))
    expect(failures).toBeLessThan(0)
    expect(await commands()).toEqual(['id', 'whoami', 'ls'])
  })

  test('go with their session', async () => {
    await recorded(['id'], ship('masked'))
    expect(await count('session_commands')).toBe(1)
    await deleteSessions(clickhouse.writer, { kind: 'session', name: 'a-1' }, { by: 'root', why: 'asked to' })
    expect(await count('session_commands')).toBe(0)
  })
})
