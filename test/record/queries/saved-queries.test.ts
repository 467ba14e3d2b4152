import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner, QueryError, type QueryRequest } from '../../../src/record/queries/run-query.ts'
import { savedQueries } from '../../../src/record/queries/saved-queries.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { type Found, openTestDatabase } from '../embedded.ts'
import { asked, decision, item } from '../entries.ts'
import { NOW, ROWS } from './one-lease.ts'

const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader, () => NOW)

afterAll(() => database[Symbol.asyncDispose]())

beforeAll(() => createClickHouseSink(database.clickhouse.writer).write(ROWS))

async function rows(name: string, params: Record<string, string> = {}): Promise<Found[]> {
  const result = await run({ kind: 'saved', name, params })
  return result.rows.map(row => Object.fromEntries(result.columns.map(({ name: column }, i) => [column, row[i]])))
}

const TESTS = readdirSync(import.meta.dirname)
  .filter(name => name.endsWith('.test.ts'))
  .map(name => readFileSync(join(import.meta.dirname, name), 'utf8'))

describe('savedQueries', () => {
  test.each(savedQueries())('$name is asked of the real engine by a test beside this one', ({ name }) => {
    expect(TESTS.some(text => text.includes(`'${name}'`))).toBe(true)
  })

  test.each(savedQueries())('$name says what it answers, and what each of its parameters means', query => {
    expect(query.description).toMatch(/^[A-Z].*\.$/)
    const inText = new Set([...query.sql.matchAll(/\{(\w+):/g)].map(([, name]) => name))
    expect(new Set(query.params.map(({ name }) => name))).toEqual(inText)
  })

  test('agent-day tells what an agent did, what became of its questions, and what the broker refused it', async () => {
    const found = await rows('agent-day', { agent: 'fixer' })
    const told = found.map(({ what, decision: answer }) => `${what} ${answer}`.trim())
    expect(told.slice(0, 5)).toEqual([
      'lease issued by fixer',
      'get pods web-1 in shop allow',
      'delete deployments.apps web in prod deny',
      'get secrets db in shop pending',
      'approved by bob@example.com: get secrets/db in shop',
    ])
    expect(told.some(line => line.startsWith('the broker refused: '))).toBe(true)
    expect(found.every(({ lease }) => lease !== 'lse_2')).toBe(true)
    const page = await rows('agent-day', { agent: 'fixer', most: '2', skip: '1' })
    expect(page).toEqual(found.slice(1, 3))
  })

  test('session-commands tells what was typed in sessions, where that is written', async () => {
    // With sessions in it: test/session/store/commands/commands.test.ts
    expect(await rows('session-commands', { program: 'kubectl' })).toEqual([])
  })

  test('lease-actions counts what was asked for, by decision, verb and kind', async () => {
    const found = await rows('lease-actions', { lease: 'lse_1' })
    const told = found.map(row => `${row['decision']} ${row['verb']} ${row['resource']} ${row['requests']}`).toSorted()
    expect(told).toEqual([
      'allow create pods 1',
      'allow get pods 1',
      'allow get secrets 1',
      'deny delete deployments 1',
      'pending get secrets 1',
    ])
  })

  test('lease-objects tells what writes reached, and no session', async () => {
    expect(await rows('lease-objects', { lease: 'lse_1' })).toEqual([])
  })

  test('lease-denials tells what was refused, and how often', async () => {
    const found = await rows('lease-denials', { lease: 'lse_1', most: '1' })
    expect(found).toMatchObject([{ what: 'delete deployments.apps web in prod', reason: 'out-of-scope' }])
    expect(found.map(row => [Number(row['times']), Number(row['total'])])).toEqual([[1, 1]])
  })

  test('lease-answers tells who said what', async () => {
    const [only, ...others] = await rows('lease-answers', { lease: 'lse_1' })
    expect(others).toEqual([])
    expect(only).toMatchObject({
      approval: 'apr_1',
      event: 'approved',
      by: 'bob@example.com',
      reason: 'ticket says so',
    })
  })

  test('lease-story tells what happened without what was only read, and how much there is of it', async () => {
    const found = await rows('lease-story', { lease: 'lse_1', most: '4' })
    expect(found.map(row => row['what'])).toEqual([
      'lease issued by fixer',
      'delete deployments.apps web in prod',
      'get secrets db in shop',
      expect.stringContaining('approved by bob'),
    ])
    expect(found.map(row => Number(row['total']))).toEqual([6, 6, 6, 6])
  })

  test('lease-approvals tells each question with its answer, and when it was used', async () => {
    const [only, ...others] = await rows('lease-approvals', { lease: 'lse_1' })
    expect(others).toEqual([])
    expect(only).toMatchObject({ approval: 'apr_1', answer: 'approved', answered_by: 'bob@example.com' })
    expect(only?.['used_at']).not.toBeNull()
  })

  test('approval-waits tells how long questions waited', async () => {
    expect(await rows('approval-waits')).toEqual([{ within_s: 60, questions: 1, approved: 1, rejected: 0 }])
  })

  test('lease-timeline tells the whole story of a lease in order', async () => {
    const found = await rows('lease-timeline', { lease: 'lse_1' })
    expect(found.map(({ what, decision: answer, status }) => [what, answer, status])).toEqual([
      ['lease issued by fixer', '', null],
      ['get pods web-1 in shop', 'allow', 200],
      ['delete deployments.apps web in prod', 'deny', 403],
      ['get secrets db in shop', 'pending', 429],
      ['approved by bob@example.com: get secrets/db in shop', '', null],
      ['get secrets db in shop', 'allow', 200],
      ['sessions watched by grace@example.com', '', null],
      ['create pods/exec web-1 in shop', 'allow', 101],
      ['sessions watched no longer by grace@example.com', '', null],
      ['lease revoked by root@example.com', '', null],
    ])
    expect(found[2]).toMatchObject({
      reason: 'out-of-scope: delete on deployments.apps in prod',
      agent: 'fixer',
      sponsor: 'ada@example.com',
      task: 'restart web',
      lease: 'lse_1',
    })
    expect(found[7]).toMatchObject({
      reason: 'watched by grace@example.com',
      command: 'ls -la',
      duration_ms: 120_000,
      end_reason: 'lease cut',
      kubectl_command: 'kubectl get',
      kubectl_session: '0a1b',
    })
  })

  test.each([
    { name: 'denials', params: {}, want: [{ audit_id: 'remove', reason: 'out-of-scope' }] },
    { name: 'denials', params: { agent: 'cleaner' }, want: [] },
    { name: 'denials', params: { reason: 'out-of-scope', since: '58m' }, want: [{ audit_id: 'remove' }] },
    { name: 'denials', params: { since: '57m' }, want: [] },
    {
      name: 'exec-sessions',
      params: {},
      want: [
        {
          audit_id: 'shell',
          command: 'ls -la',
          kind: 'exec',
          container: 'web',
          stdin: true,
          tty: false,
          duration_ms: 120_000,
        },
      ],
    },
    { name: 'exec-sessions', params: { session: 'shell' }, want: [{ audit_id: 'shell' }] },
    { name: 'exec-sessions', params: { session: 'another' }, want: [] },
    { name: 'exec-sessions', params: { lease: 'lse_another' }, want: [] },
    { name: 'what-ran', params: {}, want: [{ audit_id: 'shell', ran: 'ls -la' }] },
    { name: 'what-ran', params: { contains: 'nobody ran this' }, want: [] },
    { name: 'masked', params: {}, want: [{ audit_id: 'shell', command: ['ls', '-la'], masked: 9 }] },
    { name: 'masked', params: { least: '10' }, want: [] },
    {
      name: 'holds',
      params: {},
      want: [
        { agent: 'fixer', event: 'released', by: 'grace@example.com', reason: 'mended', until: null },
        { agent: 'fixer', event: 'held', by: 'root@example.com', reason: 'wrong cluster' },
      ],
    },
    { name: 'holds', params: { agent: 'cleaner' }, want: [] },
    {
      name: 'stops',
      params: {},
      want: [
        { event: 'stop', subject: 'template', name: 'restart-web', by: 'root@example.com', reason: 'wrong cluster' },
      ],
    },
    { name: 'stops', params: { subject: 'all' }, want: [] },
    {
      name: 'watches',
      params: { lease: 'lse_1', by: 'grace@example.com' },
      want: [
        { event: 'unwatch', lease: 'lse_1', by: 'grace@example.com', reason: 'they left' },
        { event: 'watch', lease: 'lse_1', by: 'grace@example.com', reason: '' },
      ],
    },
    { name: 'watches', params: { lease: 'lse_2' }, want: [] },
    {
      name: 'broker-refusals',
      params: {},
      want: [{ agent: 'fixer', what: 'POST /v1/leases', status: 403, reason: 'agent "fixer" is held' }],
    },
    { name: 'broker-refusals', params: { agent: 'cleaner' }, want: [] },
    {
      name: 'secrets-read',
      params: {},
      want: [
        { audit_id: 'used', decision: 'allow', approval: 'apr_1', bytes_out: 900 },
        { audit_id: 'ask', decision: 'pending' },
      ],
    },
    {
      name: 'risky',
      params: { risk: 'secret-read' },
      want: [
        { audit_id: 'used', risk: 'secret-read', risks: ['secret-read'] },
        { audit_id: 'ask', risk: 'secret-read', risks: ['worse', 'secret-read'] },
      ],
    },
    { name: 'risky', params: { risk: 'worse' }, want: [{ audit_id: 'ask' }] },
    { name: 'risky', params: { risk: 'wors' }, want: [] },
    {
      name: 'approvals',
      params: {},
      want: [
        {
          approval: 'apr_1',
          asked_times: 1,
          answer: 'approved',
          answered_by: 'bob@example.com',
          wait_ms: 60_000,
          used_by: 'used',
        },
      ],
    },
    {
      name: 'open-streams',
      params: {},
      want: [{ audit_id: 'watch', agent: 'cleaner', what: 'watch pods in shop', bytes_out: 50 }],
    },
    {
      name: 'lease-list',
      params: { agent: 'fixer' },
      want: [{ lease: 'lse_1', state: 'revoked', requests: 5, denied: 1, revoked_by: 'root@example.com' }],
    },
    {
      name: 'lease-list',
      params: {},
      want: [{ lease: 'lse_2', state: 'active', requests: 2, denied: 0 }, { lease: 'lse_1' }],
    },
  ])('$name $params', async ({ name, params, want }) => {
    expect(await rows(name, params as Record<string, string>)).toMatchObject(want)
  })

  test('agent-activity counts each agent', async () => {
    const found = await rows('agent-activity', { agent: 'fixer' })
    const sum = (column: string) => found.reduce((total, row) => total + Number(row[column]), 0)
    expect({
      requests: sum('requests'),
      denied: sum('denied'),
      pending: sum('pending'),
      writes: sum('writes'),
      sessions: sum('sessions'),
    }).toEqual({ requests: 5, denied: 1, pending: 1, writes: 1, sessions: 1 })
  })
})

describe('createQueryRunner', () => {
  test.each<{ name: string; request: QueryRequest; message: RegExp }>([
    { name: 'an unknown query', request: { kind: 'saved', name: 'nope', params: {} }, message: /lease-timeline/ },
    {
      name: 'a missing parameter',
      request: { kind: 'saved', name: 'lease-timeline', params: {} },
      message: /lease is missing/,
    },
    {
      name: 'an unknown parameter',
      request: { kind: 'saved', name: 'denials', params: { constructor: 'x' } },
      message: /no parameter constructor/,
    },
    {
      name: 'a wrong time',
      request: { kind: 'saved', name: 'denials', params: { since: 'yesterday' } },
      message: /not a time/,
    },
    { name: 'a wrong column', request: { kind: 'sql', sql: 'SELECT nope FROM requests' }, message: /nope/ },
  ])('$name is told to whoever asked', async ({ request, message }) => {
    await expect(run(request)).rejects.toThrow(QueryError)
    await expect(run(request)).rejects.toMatchObject({ code: 'wrong', message: expect.stringMatching(message) })
  })

  test('a parameter is a value, whatever it looks like', async () => {
    expect(await rows('denials', { agent: "x' OR 1=1 --" })).toEqual([])
    expect(await rows('denials', { agent: 'a\\b\n\t{lease:String}' })).toEqual([])
  })
})

describe('secrets-read', () => {
  const found = async () => (await rows('secrets-read', { agent: 'giver' })).map(row => row['audit_id'])

  test('finds a pod that is given a Secret behind another risk, by which it was decided', async () => {
    const create = asked({ verb: 'create', name: 'p' })
    const risky = (auditId: string, given: object) =>
      toRow(item(decision({ auditId, decidedAt: NOW - 1000, agent: 'giver', lease: 'lse_s', info: create, ...given })))
    const { risks: _, ...before } = risky('before', { risk: 'token-secret' }).values
    await createClickHouseSink(database.clickhouse.writer).write([
      risky('behind', { risk: 'code-production', risks: ['code-production', 'pods-create', 'pod-secrets'] }),
      risky('alone', { risk: 'pod-host' }),
      risky('none', { risk: 'code-production', risks: ['code-production', 'pods-create'] }),
      { table: 'request_halves', values: before },
    ])
    expect((await found()).toSorted()).toEqual(['alone', 'before', 'behind'])
  })
})
