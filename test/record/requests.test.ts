import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { parseJournalItem } from '../../src/record/journal/parse-journal-item.ts'
import type { Row } from '../../src/record/record-sink.ts'
import { toGoneRow, toOutcomeRow, toRow } from '../../src/record/to-rows.ts'
import { type Found, openTestDatabase, select } from './embedded.ts'
import { approvalEvent, asked, decision, item, leaseEvent, outcome } from './entries.ts'

const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const sink = createClickHouseSink(writer)

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

const ENTRY = decision()
const DECIDED = toRow(item(ENTRY))
const ENDED = toOutcomeRow(outcome(ENTRY), '')

/** Each row is a batch of its own, and so a part of its own. */
async function writeEach(rows: readonly Row[]): Promise<void> {
  for (const row of rows) await sink.write([row])
}

const requests = (): Promise<Found[]> => select(reader, 'SELECT * FROM requests ORDER BY decided_at, audit_id')

describe('requests', () => {
  test('two halves are one row, whichever comes first', async () => {
    await writeEach([DECIDED, ENDED])
    const inOrder = await requests()
    await database.clear()
    await writeEach([ENDED, DECIDED])
    const reversed = await requests()
    expect(inOrder).toHaveLength(1)
    expect(reversed).toEqual(inOrder)
    expect(inOrder[0]).toMatchObject({
      agent: 'fixer',
      sponsor: 'ada@example.com',
      task: 'restart web',
      task_reason: 'it leaks',
      ticket: 'INC-42',
      lease: 'lse_1',
      audit_id: 'a-1',
      verb: 'get',
      resource: 'pods',
      namespace: 'shop',
      name: 'web-1',
      decision: 'allow',
      status: 200,
      duration_ms: 12,
      bytes_out: 2000,
      state: 'done',
      end_reason: 'completed',
    })
  })

  test('a journal that is replayed changes nothing, before and after the engine merged', async () => {
    await sink.write([DECIDED, toRow(item(leaseEvent())), toRow(item(approvalEvent()))])
    await sink.write([ENDED])
    const once = await everything()
    // Twice in one batch, so that no deduplication token hides what the tables do.
    for (const row of [DECIDED, ENDED, toRow(item(leaseEvent())), toRow(item(approvalEvent()))])
      await sink.write([row, row])
    expect(await everything()).toEqual(once)
    for (const table of ['request_halves', 'lease_events', 'approval_events']) {
      await writer.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
    }
    expect(await everything()).toEqual(once)
  })

  async function everything(): Promise<unknown> {
    return [
      await requests(),
      await select(reader, 'SELECT * FROM leases'),
      await select(reader, 'SELECT * FROM approvals'),
    ]
  }

  test('what is looked for by the name of an object, which only one half knows, has both halves', async () => {
    const other = decision({ auditId: 'a-2', info: asked({ name: 'web-2' }) })
    await writeEach([DECIDED, ENDED, toRow(item(other)), toOutcomeRow(outcome(other, { status: 404 }), '')])
    for (const [name, status] of [
      ['web-1', 200],
      ['web-2', 404],
    ]) {
      const found = await select(reader, `SELECT name, status FROM requests WHERE name = '${name}'`)
      expect(found).toEqual([{ name, status }])
    }
  })

  test('an open stream is open while it is heard of, and its end closes it', async () => {
    const entry = decision({ decidedAt: Date.now() - 120_000 })
    const open = outcome(entry, { phase: 'open', durationMs: 100_000, bytesOut: 10, status: 101 })
    await writeEach([toRow(item(entry)), toOutcomeRow(open, '')])
    expect(await requests()).toMatchObject([
      { state: 'open', status: 101, ended_at: null, bytes_out: 10, end_reason: '' },
    ])
    const end = outcome(entry, { durationMs: 110_000, bytesOut: 20, status: 101, details: 'lease_revoked' })
    await writeEach([toOutcomeRow(end, '')])
    expect(await requests()).toMatchObject([
      { state: 'done', bytes_out: 20, duration_ms: 110_000, end_reason: 'lease cut' },
    ])
  })

  describe('whose Envoy is gone', () => {
    const entry = decision({ decidedAt: Date.now() - 60_000 })
    const { auditId, decidedAt, agent, lease } = entry
    const gone = (secondsAgo: number) => toGoneRow({ auditId, decidedAt, agent, lease }, Date.now() - secondsAgo * 1000)
    const seen = (secondsAgo: number) => {
      const durationMs = Date.now() - secondsAgo * 1000 - decidedAt
      return toOutcomeRow(outcome(entry, { phase: 'open', startedAt: decidedAt, durationMs, status: 200 }), '')
    }
    const row = async (...rows: readonly Row[]) => {
      await writeEach([toRow(item(entry)), ...rows])
      return (await requests())[0]
    }

    test('has ended with it', async () => {
      const found = await row(gone(20), seen(22))
      expect(found).toMatchObject({ state: 'done', end_reason: 'boundary ended', status: 200 })
      expect(found?.['ended_at']).not.toBeNull()
    })

    test('is open as long as another one may still tell of it', async () => {
      expect(await row(seen(9), gone(8))).toMatchObject({ state: 'open', end_reason: '', ended_at: null })
    })

    test('is open when it was heard of again: Envoy tells another tap', async () => {
      expect(await row(gone(20), seen(16))).toMatchObject({ state: 'open', end_reason: '', ended_at: null })
    })

    test('ended as its end says, whenever that came', async () => {
      const end = toOutcomeRow(outcome(entry, { durationMs: 30_000, flags: ['DC'], status: 200 }), '')
      expect(await row(end, gone(20))).toMatchObject({ state: 'done', end_reason: 'client left', duration_ms: 30_000 })
    })
  })

  test.each([
    { name: 'the API server broke off', change: { flags: ['UC'] }, want: 'upstream failed' },
    { name: 'the API server could not carry it on', change: { details: 'command_failed' }, want: 'upstream failed' },
    { name: 'the command failed', change: { exitCode: 137 }, want: 'completed' },
    { name: 'the lease was revoked', change: { details: 'lease_revoked' }, want: 'lease cut' },
    { name: 'a person ended it', change: { details: 'session_ended' }, want: 'session cut' },
    { name: 'it was not recorded', change: { details: 'recorder_unreadable' }, want: 'recorder cut' },
    { name: 'the store was silent', change: { details: 'lease_unconfirmed' }, want: 'lease cut' },
    { name: 'the authorizer was stopped', change: { details: 'shutdown' }, want: 'boundary ended' },
    { name: 'the authorizer died', change: { details: 'ext_proc_error_gRPC_error_14' }, want: 'boundary ended' },
  ])('a tunnel ended because $name: $want', async ({ change, want }) => {
    await writeEach([DECIDED, toOutcomeRow(outcome(ENTRY, { status: 101, ...change }), '')])
    const exitCode = 'exitCode' in change ? change.exitCode : null
    expect(await requests()).toMatchObject([{ state: 'done', end_reason: want, exit_code: exitCode }])
  })

  test('a late open report does not reopen what has ended', async () => {
    const entry = decision({ decidedAt: Date.now() - 1000 })
    const open = toOutcomeRow(outcome(entry, { phase: 'open', durationMs: 1, bytesOut: 1 }), '')
    await writeEach([toRow(item(entry)), toOutcomeRow(outcome(entry), ''), open])
    expect(await requests()).toMatchObject([{ state: 'done', bytes_out: 2000, duration_ms: 12 }])
  })

  test.each([
    { name: 'no outcome for a minute is unknown', secondsAgo: 61, want: 'unknown' },
    { name: 'no outcome yet is open', secondsAgo: 30, want: 'open' },
  ])('$name', async ({ secondsAgo, want }) => {
    await writeEach([toRow(item(decision({ decidedAt: Date.now() - secondsAgo * 1000 })))])
    expect(await requests()).toMatchObject([{ state: want, decision: 'allow', status: 0, duration_ms: null }])
  })

  test('an outcome that comes days later lands in the row of its decision', async () => {
    const entry = decision({ decidedAt: Date.UTC(2026, 8, 1) })
    await writeEach([toRow(item(entry)), toOutcomeRow(outcome(entry, { durationMs: 3 * 86_400_000 }), '')])
    expect(await requests()).toMatchObject([{ state: 'done', duration_ms: 3 * 86_400_000 }])
  })

  test('a denial says why and what was missing', async () => {
    const entry = decision({ intent: 'deny', reason: 'out-of-scope', detail: 'delete on pods in shop', rule: '' })
    const answer = outcome(entry, { status: 403, forwarded: false, details: 'ext_authz_denied', flags: ['UAEX'] })
    await writeEach([toRow(item(entry, { decision: 'deny', reason: '', approval: '' })), toOutcomeRow(answer, '')])
    expect(await requests()).toMatchObject([
      {
        decision: 'deny',
        reason: 'out-of-scope',
        detail: 'delete on pods in shop',
        status: 403,
        state: 'done',
        end_reason: 'denied',
        flags: ['UAEX'],
      },
    ])
  })

  test.each([
    {
      name: 'the store turned it down',
      settled: { decision: 'deny', reason: 'lease-revoked', approval: '' },
      want: ['deny', 'lease-revoked'],
    },
    {
      name: 'it waits for approval',
      settled: { decision: 'pending', reason: '', approval: 'apr_1' },
      want: ['pending', 'approval-pending'],
    },
    { name: 'nobody settled it', settled: null, want: ['deny', 'unavailable'] },
  ] as const)('what was meant to pass did not, because $name', async ({ settled, want }) => {
    await writeEach([toRow(item(ENTRY, settled))])
    expect(await requests()).toMatchObject([{ decision: want[0], reason: want[1] }])
  })

  test('allowed and yet answered by Envoy itself: committed, not forwarded', async () => {
    const answer = outcome(ENTRY, { status: 503, forwarded: false, details: 'ext_authz_error', flags: ['UAEX'] })
    await writeEach([DECIDED, toOutcomeRow(answer, '')])
    expect(await requests()).toMatchObject([{ state: 'committed, not forwarded', status: 503 }])
  })

  test('an answer of Envoy without a decision has a row of its own, without the query', async () => {
    const alone = {
      ...outcome(ENTRY),
      key: null,
      path: '/a%2Fb?token=x',
      status: 400,
      forwarded: false,
      details: 'path_normalization_failed',
    }
    await writeEach([DECIDED, toOutcomeRow(alone, 'own-1')])
    expect(await select(reader, "SELECT * FROM requests WHERE decision = 'none'")).toMatchObject([
      {
        audit_id: 'own-1',
        agent: '',
        lease: '',
        path: '/a%2Fb',
        status: 400,
        source: '10.0.0.7',
        end_reason: 'refused by Envoy',
      },
    ])
    expect(await requests()).toHaveLength(2)
  })

  test('the arguments of exec come back as they were', async () => {
    const command = ['sh', '-c', 'echo "a;b"\n\\ \u0000 é --', '']
    await writeEach([toRow(item(decision({ command, info: asked({ subresource: 'exec', verb: 'create' }) })))])
    expect((await requests())[0]?.['command']).toEqual(command)
    const runs = ['web: image "busybox", sh -c \'id\'']
    await database.clear()
    await writeEach([toRow(item(decision({ runs })))])
    expect((await requests())[0]).toMatchObject({ command: [], runs })
  })

  test('what was asked for beside the object is told, and nothing of it where an earlier authorizer wrote', async () => {
    const said = { stdin: true, tty: true, dryRun: true, propagationPolicy: 'Foreground', force: true, masked: 7 }
    const entry = decision({ ...said, gracePeriodSeconds: 0, fieldManager: 'helm' })
    const { stdin, tty, propagationPolicy, force, gracePeriodSeconds, fieldManager, masked, ...old } = ENTRY
    const before = parseJournalItem({
      stream: 'journal-0',
      id: '1-1',
      entry: JSON.stringify({ ...old, auditId: 'a-0' }),
      settled: '{"decision":"allow","reason":"","approval":""}',
    })
    if (!('entry' in before)) throw new Error(before.problem)
    await writeEach([toRow(item(entry)), toRow(before)])
    expect(await requests()).toMatchObject([
      {
        audit_id: 'a-0',
        stdin,
        tty,
        propagation_policy: propagationPolicy,
        force,
        grace_period_seconds: gracePeriodSeconds,
        field_manager: fieldManager,
        masked,
      },
      {
        audit_id: 'a-1',
        stdin: true,
        tty: true,
        dry_run: true,
        propagation_policy: 'Foreground',
        force: true,
        grace_period_seconds: 0,
        field_manager: 'helm',
        masked: 7,
      },
    ])
  })

  test('a token in a header or path that is kept is masked', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'
    const entry = decision({ userAgent: `curl ${token}`, kubectlCommand: `kubectl --token=${token}` })
    const alone = { ...outcome(entry, { path: `/${token}`, userAgent: token }), key: null }
    await writeEach([toRow(item(entry)), toOutcomeRow(alone, 'own-1')])
    const found = JSON.stringify(await select(reader, 'SELECT * FROM request_halves'))
    expect(found).toContain('[masked]')
    expect(found).not.toContain('eyJ')
  })

  test('any text that a client sends can be kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: 'grapheme' }),
        async (one, two) => {
          await database.clear()
          const ugly = `${one}\ud800`
          await writeEach([toRow(item(decision({ sponsor: ugly, path: two, detail: ugly, command: [ugly] })))])
          expect(await requests()).toMatchObject([{ sponsor: ugly.toWellFormed(), path: two.toWellFormed() }])
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('leases', () => {
  const later = Date.now() + 3_600_000

  test.each([
    { name: 'active', events: [leaseEvent({ expiresAt: later })], want: { state: 'active', revoked_at: null } },
    { name: 'expired', events: [leaseEvent()], want: { state: 'expired' } },
    {
      name: 'revoked',
      events: [
        leaseEvent({ event: 'revoked', at: Date.UTC(2026, 8, 1, 10, 5), by: 'root@example.com', reason: 'odd' }),
        leaseEvent({ expiresAt: later }),
      ],
      want: {
        state: 'revoked',
        revoked_at: '2026-09-01 10:05:00.000',
        revoked_by: 'root@example.com',
        reason: 'odd',
        issued_at: '2026-09-01 09:59:00.000',
      },
    },
    {
      name: 'handed to its agent',
      events: [leaseEvent({ delegatedBy: 'planner' }), leaseEvent({ event: 'revoked', by: 'planner' })],
      want: { state: 'revoked', delegated_by: 'planner' },
    },
    {
      name: 'narrowed, twice',
      events: [
        leaseEvent({ expiresAt: later + 9000, namespaces: ['shop'] }),
        ...[1, 2, 1, 2].map(times =>
          leaseEvent({
            event: 'narrowed',
            times,
            at: Date.UTC(2026, 8, 1, 10, times),
            expiresAt: later - times,
            namespaces: [],
            by: `ada-${times}`,
          }),
        ),
      ],
      want: {
        state: 'active',
        narrowed_at: '2026-09-01 10:02:00.000',
        narrowed_by: 'ada-2',
        expires_at: new Date(later - 2).toISOString().replace('T', ' ').replace('Z', ''),
        revoked_at: null,
      },
    },
  ])('a lease is one row: $name', async ({ events, want }) => {
    await writeEach(events.map(event => toRow(item(event))))
    expect(await select(reader, 'SELECT * FROM leases')).toMatchObject([
      { lease: 'lse_1', agent: 'fixer', namespaces: ['shop'], ...want },
    ])
  })
})

describe('approvals', () => {
  test('of several people each yes stays, with who, when and why, and the last settles it', async () => {
    const said = { event: 'yes', approval: 'apr_9' } as const
    const at = Date.UTC(2026, 8, 1, 10)
    const rows = [
      approvalEvent({ ...said, by: 'bob', at, reason: 'first' }),
      approvalEvent({ ...said, by: 'eve', at: at + 1, reason: 'second' }),
      approvalEvent({ ...said, by: 'bob', at: at + 2, reason: 'of what changed since' }),
      approvalEvent({ approval: 'apr_9', by: 'joe', at: at + 3, reason: 'third' }),
    ].map(event => toRow(item(event)))
    await writeEach([...rows.slice(0, 3), ...rows.slice(0, 3)])
    const answers = () => select(reader, 'SELECT event, by, reason FROM approval_events FINAL ORDER BY at')
    const answer = () => select(reader, "SELECT answer, answered_by FROM approvals WHERE approval = 'apr_9'")
    expect(await answer()).toEqual([{ answer: '', answered_by: '' }])
    await writeEach(rows.slice(3))
    expect(await answers()).toEqual([
      { event: 'yes', by: 'bob', reason: 'first' },
      { event: 'yes', by: 'eve', reason: 'second' },
      { event: 'yes', by: 'bob', reason: 'of what changed since' },
      { event: 'approved', by: 'joe', reason: 'third' },
    ])
    expect(await answer()).toEqual([{ answer: 'approved', answered_by: 'joe' }])
  })

  test('an approval is one row: asked, answered, used', async () => {
    const ask = { decision: 'pending', reason: '', approval: 'apr_1' } as const
    const at = decision().decidedAt
    await writeEach([
      toRow(item(approvalEvent())),
      toRow(item(decision({ auditId: 'a-1', risk: 'secret-read' }), ask)),
      toRow(item(decision({ auditId: 'a-2', decidedAt: at + 5000, risk: 'secret-read' }), ask)),
      toRow(
        item(decision({ auditId: 'a-3', decidedAt: at + 40_000, risk: 'secret-read' }), { ...ask, decision: 'allow' }),
      ),
    ])
    expect(await select(reader, 'SELECT * FROM approvals')).toEqual([
      {
        approval: 'apr_1',
        lease: 'lse_1',
        agent: 'fixer',
        summary: 'get secrets/db in shop',
        risk: 'secret-read',
        asked_at: '2026-09-01 10:00:00.000',
        asked_times: 2,
        answer: 'approved',
        answered_at: '2026-09-01 10:00:30.000',
        answered_by: 'bob@example.com',
        answer_reason: 'ticket says so',
        wait_ms: 30_000,
        used_at: '2026-09-01 10:00:40.000',
        used_by: 'a-3',
      },
    ])
  })

  test('of a yes that was taken back, the words of the no', async () => {
    const at = approvalEvent().at + 1000
    await writeEach([
      toRow(item(approvalEvent({ approval: 'apr_2' }))),
      toRow(item(approvalEvent({ approval: 'apr_2', event: 'rejected', at, reason: 'not today' }))),
    ])
    expect(await select(reader, "SELECT answer, answer_reason FROM approvals WHERE approval = 'apr_2'")).toEqual([
      { answer: 'rejected', answer_reason: 'not today' },
    ])
  })
})
