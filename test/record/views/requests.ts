import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJournalItem } from '../../../src/record/journal/parse-journal-item.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { select } from '../embedded.ts'
import { approvalEvent, asked, decision, item, leaseEvent, outcome } from '../entries.ts'
import { DECIDED, database, ENDED, ENTRY, reader, requests, sink, writeEach, writer } from './the-views.ts'

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

  test.each([
    { name: 'several', given: { risk: 'b', risks: ['a', 'b'] }, want: { risk: 'b', risks: ['a', 'b'] } },
    { name: 'the one', given: { risk: 'b' }, want: { risk: 'b', risks: ['b'] } },
    { name: 'none', given: {}, want: { risk: '', risks: [] } },
  ])('all risks are there, where there are $name, whichever half comes first', async ({ given, want }) => {
    const entry = decision(given)
    const halves = [toRow(item(entry)), toOutcomeRow(outcome(entry), '')]
    for (const order of [halves, halves.toReversed()]) {
      await database.clear()
      await writeEach(order)
      expect(await requests()).toMatchObject([{ ...want, status: 200 }])
      expect(await select(reader, "SELECT count() AS n FROM requests WHERE has(risks, 'b')")).toMatchObject([
        { n: given.risk === 'b' ? 1 : 0 },
      ])
    }
  })

  test('a row that was written before there were several says the one that it has', async () => {
    const { risks: _, ...values } = toRow(item(decision({ risk: 'a' }))).values
    await sink.write([{ table: 'request_halves', values }])
    expect(await requests()).toMatchObject([{ risk: 'a', risks: ['a'] }])
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
