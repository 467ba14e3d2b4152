import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toFailure } from '../../../src/cli/command/cli-error.ts'
import { sessionsCommand } from '../../../src/cli/sessions/sessions.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import type { SessionRecording } from '../../../src/session/recording/session-event.ts'
import type { StoredSession } from '../../../src/session/store/reading/session-source.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { asked, decision, item } from '../../record/entries.ts'
import { EXITED_3, recordingOf } from '../../session/a-recording.ts'
import { leasegate, type Ran } from '../leasegate.ts'

const SHELL = 'a-shell'
const GONE = 'a-gone'
const KEPT: ReadonlyMap<string, SessionRecording> = new Map([
  [
    SHELL,
    recordingOf([
      [0, 'resize', '{"Width":100,"Height":40}'],
      [50, 'output', '\x1b]0;root@web\x07# '],
      [100, 'input', 'cat secret'],
      [110, 'output', 'cat secret'],
      [200, 'input', '\r'],
      [210, 'output', '\r\nno such file\x1b[6n\r\n# '],
      [300, 'hidden-input', '', 8],
      [350, 'output', 'pay\u009bload\r\n'],
      [400, 'status', EXITED_3],
    ]),
  ],
])

let dir: string
let database: TestDatabase
let server: QueryServer
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-sessions-'))
  database = await openTestDatabase()
  const exec = asked({ verb: 'create', subresource: 'exec' })
  const shell = decision({ auditId: SHELL, decidedAt: Date.now(), info: exec, command: ['sh'], stdin: true, tty: true })
  const gone = decision({ auditId: GONE, decidedAt: Date.now(), info: exec, agent: 'other', lease: 'lse_2' })
  const read = decision({ auditId: 'a-read', decidedAt: Date.now() })
  await createClickHouseSink(database.clickhouse.writer).write([shell, gone, read].map(each => toRow(item(each))))
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  server = await startQueryServer(join(dir, 'query.sock'), createQueryRunner(database.clickhouse.reader), log)
}, 90_000)
afterAll(async () => {
  await server.stop()
  await database[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

function kept(id: string): StoredSession | null {
  const recording = KEPT.get(id)
  return recording === undefined ? null : { ...recording, ended: null }
}

/** The command with recordings in memory. */
async function sessions(...args: readonly string[]): Promise<Ran> {
  const [out, notes] = [[] as string[], [] as string[]]
  const terminal = {
    env: { LEASEGATE_QUERY_SOCKET: join(dir, 'query.sock') },
    stdin: process.stdin,
    print: (text: string) => void out.push(text),
    note: (text: string) => void notes.push(text),
    stopping: () => new AbortController().signal,
  }
  const command = sessionsCommand(terminal, async () => ({ open: async id => kept(id) }))
  const ran = new Command().addCommand(command).parseAsync(['sessions', ...args], { from: 'user' })
  const failure = await ran.then(() => null, toFailure)
  const code = failure?.exitCode ?? 0
  return { code, stdout: out.join(''), stderr: notes.join('') + (failure?.message ?? '') }
}

describe('leasegate sessions', () => {
  test('lists what was run, of one agent or under one lease', async () => {
    const all = JSON.parse((await sessions('list', '-o', 'json')).stdout) as { readonly audit_id: string }[]
    expect(all.map(({ audit_id }) => audit_id).sort()).toEqual([GONE, SHELL])
    const ids = async (...args: readonly string[]) => {
      const { stdout } = await sessions('list', '-o', 'json', ...args)
      return (JSON.parse(stdout) as { readonly audit_id: string }[]).map(({ audit_id }) => audit_id)
    }
    expect(await ids('--agent', 'other')).toEqual([GONE])
    expect(await ids('--lease', 'lse_1')).toEqual([SHELL])
    expect((await sessions('list')).stdout).toContain(SHELL)
  })

  test('shows whose it was, how it ended and what was typed at its prompts', async () => {
    const { stdout } = await sessions('show', SHELL)
    for (const fact of [
      /^agent: fixer$/m,
      /^lease: lse_1$/m,
      /^bytesHidden: 8$/m,
      /"exitCode":3/,
      /echo +cat secret$/m,
    ]) {
      expect(stdout).toMatch(fact)
    }
    const shown = JSON.parse((await sessions('show', SHELL, '-o', 'json')).stdout)
    expect(shown).toMatchObject({
      ...{ agent: 'fixer', ended: { exitCode: 3 }, bytesTyped: 11 },
      commands: [{ atMs: 200, command: 'cat secret', known: 'echo' }],
    })
  })

  test('replays it without what acts on a terminal, and says how it ended', async () => {
    const { code, stdout, stderr } = await sessions('replay', SHELL, '--speed', '100')
    expect(code).toBe(0)
    expect(stdout).toContain('# cat secret\r\nno such file\r\n# ')
    expect(stdout).not.toMatch(/root@web|\[6n/)
    expect(stderr).toContain('0:00:00.4: exit code 3; 2 sequences that could act on a terminal were left out')
  })

  test('finds lines, in those that are named or in all that are kept', async () => {
    for (const names of [[SHELL], []]) {
      const { stdout } = await sessions('search', 'SECRET', ...names, '-o', 'json')
      expect(JSON.parse(stdout)).toMatchObject([
        { session: SHELL, atMs: 200, where: 'typed', line: 'cat secret' },
        { session: SHELL, atMs: 210, where: 'shown', line: '# cat secret' },
      ])
    }
    expect((await sessions('search', 'secret', '--agent', 'other')).stdout).toBe('no line holds it\n')
    for (const format of ['text', 'json']) {
      const { stdout } = await sessions('search', 'pay', SHELL, '-o', format)
      expect(stdout).toContain('load')
      expect(stdout).not.toContain('\u009b')
    }
  })

  test('exports what replays again from a file, by the real command', async () => {
    const { stdout } = await sessions('export', SHELL)
    expect(stdout).not.toContain('root@web')
    expect((await sessions('export', SHELL, '--raw')).stdout).toContain('root@web')
    const file = join(dir, 'session.cast')
    await writeFile(file, stdout)
    const replayed = await leasegate(['sessions', 'replay', file, '--speed', '100', '--grep', 'no such'])
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining('no such file') })
    expect((await leasegate(['sessions', 'show', file])).stdout).toMatch(/echo +cat secret$/m)
  })

  test.each([
    {
      name: 'a session that nothing is kept of',
      args: ['replay', GONE],
      code: 1,
      says: 'nothing is kept of this session',
    },
    { name: 'a text that no line holds', args: ['replay', SHELL, '--grep', 'xyz'], code: 1, says: 'no line' },
    { name: 'an odd speed', args: ['replay', SHELL, '--speed', '-1'], code: 2, says: '--speed' },
    { name: 'an odd time', args: ['replay', SHELL, '--from', 'soon'], code: 2, says: '--from' },
    {
      name: 'a file that is not there',
      args: ['replay', '/nowhere.cast'],
      code: 2,
      says: 'cannot read /nowhere.cast: ENOENT',
    },
    { name: 'no text', args: ['search', ''], code: 2, says: 'name a text' },
  ])('refuses $name in one line', async ({ args, code, says }) => {
    const ran = await sessions(...args)
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
    expect(ran.stderr.split('\n')).toHaveLength(1)
  })
})
