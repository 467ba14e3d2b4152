import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { asked, decision, item, outcome, stopEvent } from '../../record/entries.ts'
import { EXITED_3 } from '../../session/a-recording.ts'
import { aHead, output, recordOf } from '../../session/store/a-store.ts'
import { until } from '../../support/until.ts'
import { aSessionRecord, sessionsRunning } from './a-session-record.ts'

const { clickhouse, store, folder, env: record, stop } = await aSessionRecord()
let env: Record<string, string> = record
afterAll(stop)

const sessions = (...args: readonly string[]) => sessionsRunning(args, env)

const wanted = (name: string) =>
  toRow(
    item(
      stopEvent({ at: Date.now(), subject: { kind: 'session', name }, event: 'end', by: 'gr\u009bace', reason: 'no' }),
    ),
  )
/** Null: it is open. */
function requestOf(auditId: string, details: string | null) {
  const exec = { info: asked({ verb: 'create', subresource: 'exec' }), command: ['sh'] }
  const request = decision({ auditId, decidedAt: Date.now(), ...exec })
  const open = { ...item(request), settled: { decision: 'allow', reason: 'in-scope', approval: '' } } as const
  return [toRow(open), ...(details === null ? [] : [toOutcomeRow(outcome(request, { details }), '')])]
}

const follow = (id: string, ...more: readonly string[]) => sessions('follow', id, ...more)

describe('leasegate sessions follow', () => {
  test('shows a session as it goes on, nothing that acts on a terminal, and how it ended', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('# \x1b]0;root@web\x07', 1)])
    const { said, code } = follow(head.auditId)
    await until('what was before', () => said.stdout.includes('# '))
    // One that goes on from piece to piece.
    await session.append([output('\x1b]52;c;', 2)])
    await session.append([output('cm0=\x07done\x1b[6n\r\n', 3), { atMs: 4, kind: 'input', bytes: Buffer.from('x') }])
    await until('what comes', () => said.stdout.includes('done'))
    await session.append([{ atMs: 900, kind: 'status', bytes: Buffer.from(EXITED_3) }])
    await session.end({ at: new Date().toISOString(), why: 'ended' })
    expect(await code).toBe(0)
    expect(said.stdout).toMatch(/^# done\r\n/)
    expect(said.stdout).not.toMatch(/root@web|cm0=|\[6n/)
    expect(said.stderr).toContain('0:00:00.9: exit code 3; 3 sequences that could act on a terminal were left out')
  })

  test('of one that was cut it says so', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('half a li', 1)])
    const { said, code } = follow(head.auditId)
    await until('what was before', () => said.stdout.includes('half'))
    await session.end({ at: new Date().toISOString(), why: 'closed' })
    expect(await code).toBe(0)
    expect(said.stderr).toContain('it is over: closed')
  })

  test('of one that a person ended it says who and why', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('rm -r', 1)])
    await recordOf(clickhouse).write([wanted(head.auditId), ...requestOf(head.auditId, 'session_ended')])
    await session.end({ at: new Date().toISOString(), why: 'closed' })
    const { said, code } = follow(head.auditId)
    expect(await code).toBe(0)
    expect(said.stderr).toMatch(/it was ended by gr.*ace: no/)
    expect(said.stderr).not.toContain('\u009b')
  })

  test.each([
    { details: 'lease_revoked', want: /it is over: closed/ },
    { details: null, want: /gr.*ace wanted it to end \(no\); the record does not say yet/ },
  ])(
    'of one that a person wanted to end, and that ended otherwise ($details), it does not say that they did',
    async ({ details, want }) => {
      const head = aHead()
      const session = await store.sink.open(head)
      await session.append([output('rm -r', 1)])
      await recordOf(clickhouse).write([wanted(head.auditId), ...requestOf(head.auditId, details)])
      await session.end({ at: new Date().toISOString(), why: 'closed' })
      const { said, code } = follow(head.auditId)
      expect(await code).toBe(0)
      expect(said.stderr).toMatch(want)
      expect(said.stderr).not.toContain('it was ended by')
    },
  )

  test('prints a line of JSON for each event, which acts on no terminal either', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    const { said, code } = follow(head.auditId, '-o', 'json')
    await session.append([output('\u009b2J€', 1), { atMs: 2, kind: 'hidden-input', bytes: Buffer.alloc(0), hidden: 8 }])
    await session.append([{ atMs: 5, kind: 'status', bytes: Buffer.from(EXITED_3) }])
    await session.end({ at: new Date().toISOString(), why: 'ended' })
    expect(await code).toBe(0)
    expect(said.stdout).not.toContain('\u009b')
    const lines = said.stdout.trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { atMs: 1, kind: 'output', text: '\u009b2J€' },
      { atMs: 2, kind: 'hidden-input', hidden: 8 },
      { atMs: 5, kind: 'status' },
      { kind: 'end', ended: { exitCode: 3 }, why: 'ended' },
    ])
  })

  test('stopped, it leaves the terminal as it should be, and says that the session goes on', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('\x1b[?1049hvim', 1)])
    const { said, code, stop } = follow(head.auditId)
    await until('what was before', () => said.stdout.includes('vim'))
    stop()
    expect(await code).toBe(0)
    expect(said.stdout).toContain('\x1b[?1049l')
    expect(said.stderr).toContain('the session goes on')
    await session.end({ at: new Date().toISOString(), why: 'ended' })
  })

  test('without the key it shows nothing', async () => {
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('seen by nobody', 1)])
    const socket = env['LEASEGATE_QUERY_SOCKET'] ?? ''
    env = { LEASEGATE_QUERY_SOCKET: socket }
    const { said, code } = follow(head.auditId)
    expect(await code).toBe(2)
    expect(said).toMatchObject({ stdout: '', stderr: expect.stringContaining('LEASEGATE_SESSION_KEY_FILE') })
    env = { LEASEGATE_QUERY_SOCKET: socket, LEASEGATE_SESSION_KEY_FILE: join(folder, 'session.keys.json') }
    await session.end({ at: new Date().toISOString(), why: 'ended' })
  })
})

test('leasegate sessions list --running leaves out what is over, and what never began', async () => {
  const exec = { info: asked({ verb: 'create', subresource: 'exec' }), command: ['sh'] }
  const [runs, over, refused] = ['a-runs', 'a-over', 'a-refused'].map(auditId =>
    decision({ auditId, decidedAt: Date.now(), ...exec }),
  ) as [ReturnType<typeof decision>, ReturnType<typeof decision>, ReturnType<typeof decision>]
  const denied = { ...item(refused), settled: { decision: 'deny', reason: 'out-of-scope', approval: '' } } as const
  const rows = [toRow(item(runs)), toRow(item(over)), toRow(denied), toOutcomeRow(outcome(over), '')]
  await recordOf(clickhouse).write(rows)
  const listed = async (...args: readonly string[]) => {
    const { said, code } = sessions('list', '-o', 'json', ...args)
    expect(await code).toBe(0)
    const ids = (JSON.parse(said.stdout) as { readonly audit_id: string }[]).map(({ audit_id }) => audit_id)
    return ids.filter(id => ['a-runs', 'a-over', 'a-refused'].includes(id))
  }
  expect((await listed()).toSorted()).toEqual(['a-over', 'a-refused', 'a-runs'])
  expect(await listed('--running')).toEqual(['a-runs'])
})
