import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/record/record-sink.ts'
import { toGoneRow, toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { decision, item, outcome } from '../entries.ts'
import { DECIDED, ENTRY, requests, writeEach } from './the-views.ts'

describe('requests', () => {
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

  test('a yes that was used, and whose request was heard of no more, is on record as used, and what came of it as unknown', async () => {
    const entry = decision({ decidedAt: Date.now() - 61_000 })
    const used = { decision: 'allow', reason: '', approval: 'apr_0123456789' } as const
    await writeEach([toRow(item(entry, used))])
    expect(await requests()).toMatchObject([
      { decision: 'allow', approval: used.approval, state: 'unknown', status: 0 },
    ])
  })

  test('an outcome that comes days later lands in the row of its decision', async () => {
    const entry = decision({ decidedAt: Date.UTC(2026, 8, 1) })
    await writeEach([toRow(item(entry)), toOutcomeRow(outcome(entry, { durationMs: 3 * 86_400_000 }), '')])
    expect(await requests()).toMatchObject([{ state: 'done', duration_ms: 3 * 86_400_000 }])
  })
})
