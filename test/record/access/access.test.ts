import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { CONSOLE_QUERIES } from '../../../src/broker/console/record/record.ts'
import { readAccess } from '../../../src/record/access/read-access.ts'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { readMigrations, toScript } from '../../../src/record/migrations/migrate.ts'
import { savedQueries } from '../../../src/record/queries/saved-queries.ts'
import { openTestDatabase, select } from '../embedded.ts'

const directory = await mkdtemp(join(tmpdir(), 'leasegate-access-'))
const database = await openTestDatabase()
const AS_USER = fileURLToPath(new URL('as-user.ts', import.meta.url))

afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const statements = (sql: string): readonly string[] =>
  sql
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '')

/** The embedded engine has no server's users, but reads them from a file: the grants of a role, word for word. */
function grantsOf(role: string): string {
  const named = new RegExp(`^(GRANT.* TO|REVOKE.* FROM) ${role}$`, 's')
  const granted = statements(readAccess(null)).filter(one => named.test(one))
  return granted.map(one => `<query>${one.replace(/\s+/g, ' ').replace(/ (TO|FROM) \w+$/, '')}</query>`).join('')
}

const ALL = '<query>GRANT ALL ON *.* WITH GRANT OPTION</query>'

interface User {
  readonly grants: string
  readonly profile?: string
  readonly filters?: string
}

function toXml({ grants, profile = 'default', filters = '' }: User): string {
  return `<password></password><networks><ip>::/0</ip></networks><profile>${profile}</profile><quota>default</quota>
    ${filters === '' ? '' : `<databases><leasegate>${filters}</leasegate></databases>`}<grants>${grants}</grants>`
}

/** What each statement answers for such a user; the user `tap` always has the writer's rights. */
async function asUser(at: string, user: User, steps: readonly object[]): Promise<readonly unknown[]> {
  const [users, config] = [join(directory, 'users.xml'), join(directory, 'config.xml')]
  const profiles = '<profiles><default/><analyst><readonly>1</readonly></analyst></profiles><quotas><default/></quotas>'
  const tap = toXml({ grants: grantsOf('leasegate_writer') })
  await writeFile(
    users,
    `<clickhouse>${profiles}<users><default>${toXml(user)}</default><tap>${tap}</tap></users></clickhouse>`,
  )
  await writeFile(config, `<clickhouse><users_config>${users}</users_config></clickhouse>`)
  const child = spawn(process.execPath, [AS_USER, join(directory, at), config], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(steps))
  return json(child.stdout) as Promise<unknown[]>
}

describe('readAccess', () => {
  test.each([null, 'my-cluster'])('every statement is one that ClickHouse can read (cluster: %s)', async cluster => {
    const all = [...statements(readAccess(cluster)), ...statements(toScript(cluster))]
    expect(all.length).toBeGreaterThan(30)
    for (const statement of all) {
      const [read] = await select(
        database.clickhouse.writer,
        `SELECT formatQuery('${statement.replace(/['\\]/g, '\\$&')}') AS sql`,
      )
      const sql = String(read?.['sql'])
      if (cluster === null) expect(sql).not.toMatch(/ON CLUSTER|Replicated/)
      else if (!sql.startsWith('INSERT')) expect(sql).toContain(`ON CLUSTER \`${cluster}\``)
      if (cluster !== null && sql.includes('ENGINE = ')) expect(sql).toMatch(/ENGINE = Replicated\w*MergeTree/)
    }
  })

  test('the writer can make and keep the record, and cannot delete from it', async () => {
    const user = { grants: `${grantsOf('leasegate_writer')}<query>GRANT SELECT ON system.*</query>` }
    const [made, inserted, deleted, dropped, truncated] = await asUser('made-by-writer', user, [
      { migrate: '' },
      { sql: "INSERT INTO lease_events (lease, event) VALUES ('lse_1', 'issued')" },
      { sql: "ALTER TABLE lease_events DELETE WHERE lease = 'lse_1'" },
      { sql: 'DROP TABLE lease_events' },
      { sql: 'TRUNCATE TABLE lease_events' },
    ])
    expect([made, inserted]).toEqual([readMigrations().length, 'done'])
    expect([deleted, dropped, truncated]).toMatchObject(Array(3).fill({ error: 'ACCESS_DENIED' }))
  })

  test('recorded sessions: the writer brings them and reads none, an analyst knows that there are some', async () => {
    const insert = (columns: string, values: string) => `INSERT INTO leasegate.${columns} VALUES (${values})`
    const made = await asUser('sessions', { grants: ALL }, [
      { migrate: 'tap' },
      { sql: insert('session_keys (audit_id, started_at, wrapped)', "'a', now(), 'w'") },
    ])
    expect(made).toEqual([readMigrations().length, 'done'])
    const chunks = { sql: 'SELECT n, base64Encode(sealed) FROM leasegate.session_chunks' }
    const keys = { sql: 'SELECT wrapped FROM leasegate.session_keys' }
    const list = { sql: 'SELECT audit_id, state FROM leasegate.sessions' }
    const typed = { sql: `DESCRIBE (${withParams(ofSessions('session-commands'))})` }
    const bring = { sql: insert('session_commands (audit_id, started_at, command)', "'a', now(), 'ls'") }
    const writes = {
      sql: insert('session_chunks (audit_id, started_at, n, kind, sealed_base64)', "'a', now(), 0, 'events', 'AA=='"),
    }
    const as = (role: string) =>
      asUser('sessions', { grants: grantsOf(role) }, [writes, chunks, keys, list, bring, typed])
    const denied = { error: 'ACCESS_DENIED' }
    expect(await as('leasegate_writer')).toMatchObject(['done', denied, denied, [['a', 'open']], 'done', denied])
    expect(await as('leasegate_analyst')).toMatchObject([denied, denied, denied, [['a', 'open']], denied, denied])
    expect(await as('leasegate_auditor')).toMatchObject([denied, denied, denied, denied, denied, denied])
    expect(await as('leasegate_sessions')).toMatchObject([
      ...[denied, [[0, 'AA==']], [['w']], [['a', 'open']]],
      ...[denied, expect.arrayContaining([expect.arrayContaining(['command'])])],
    ])
    const erases = [
      { sql: 'SELECT command FROM leasegate.session_commands' },
      { sql: "ALTER TABLE leasegate.session_commands DELETE WHERE audit_id IN ('b')" },
    ]
    expect(await asUser('sessions', { grants: grantsOf('leasegate_eraser') }, erases)).toMatchObject([denied, 'done'])
  }, 120_000)

  test('who verifies reads the tables, and changes nothing', async () => {
    await asUser('audited', { grants: ALL }, [{ migrate: 'tap' }])
    const tables = [...TABLES].map(([table, { columns }]) => ({ sql: `SELECT ${columns} FROM leasegate.${table}` }))
    const forbidden = [
      "INSERT INTO leasegate.lease_events (lease) VALUES ('x')",
      'TRUNCATE TABLE leasegate.lease_events',
    ]
    const steps = [...tables, ...forbidden.map(sql => ({ sql }))]
    const seen = await asUser('audited', { grants: grantsOf('leasegate_auditor') }, steps)
    expect(seen.slice(0, tables.length)).toEqual(tables.map(() => []))
    expect(seen.slice(tables.length)).toMatchObject(forbidden.map(() => ({ error: 'ACCESS_DENIED' })))
  })

  test('analysts read the views and every saved query; a team sees its own agents; neither reaches anything else', async () => {
    const request = (agent: string) =>
      `INSERT INTO request_halves (decided_at, agent, lease, audit_id, decision, ended_at) VALUES (now(), '${agent}', 'lse', '${agent}', 'allow', now())`
    const made = await asUser('record', { grants: ALL }, [
      { migrate: 'tap' },
      { sql: request('ours') },
      { sql: request('theirs') },
    ])
    expect(made).toEqual([readMigrations().length, 'done', 'done'])

    const counts = ['requests', 'requests_by_minute'].map(view => ({
      sql: `SELECT agent FROM leasegate.${view} ORDER BY agent`,
    }))
    const forbidden = [
      'SELECT * FROM leasegate.request_halves',
      'SELECT * FROM leasegate.schema_migrations',
      "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      "INSERT INTO leasegate.lease_events (lease) VALUES ('x')",
    ].map(sql => ({ sql }))
    // One is for those who may watch sessions.
    const asked = savedQueries()
      .filter(({ name }) => name !== 'session-commands')
      .map(({ sql }) => ({ sql: `DESCRIBE (${withParams(sql)})` }))
    const analyst = { grants: grantsOf('leasegate_analyst') }
    const seen = await asUser('record', analyst, [...counts, ...asked, ...forbidden])
    expect(seen.slice(0, 2)).toEqual(Array(2).fill([['ours'], ['theirs']]))
    expect(seen.slice(2, -forbidden.length).filter(answer => !Array.isArray(answer))).toEqual([])
    expect(seen.slice(-forbidden.length)).toMatchObject(Array(forbidden.length).fill({ error: 'ACCESS_DENIED' }))

    const own = "<filter>agent = 'ours'</filter>"
    const filters = `<requests>${own}</requests><requests_by_minute>${own}</requests_by_minute>`
    const ofTeam = await asUser('record', { grants: grantsOf('leasegate_team_example'), filters }, counts)
    expect(ofTeam).toEqual(Array(2).fill([['ours']]))
    // Starts the engine once for each user, and every saved query is planned.
  })
})

function ofSessions(name: string): string {
  return savedQueries().find(query => query.name === name)?.sql ?? ''
}

/** The console of the broker may ask what its pages are made of. */
test('the console asks what its pages show, and reads nothing else: no table, no view that it does not need', async () => {
  expect(await asUser('of-console', { grants: ALL }, [{ migrate: 'tap' }])).toEqual([readMigrations().length])
  const named = (name: string) => savedQueries().find(query => query.name === name)?.sql ?? ''
  const asked = CONSOLE_QUERIES.map(name => ({ sql: `DESCRIBE (${withParams(named(name))})` }))
  const forbidden = [
    'SELECT * FROM leasegate.request_halves',
    'SELECT * FROM leasegate.leases',
    'SELECT * FROM leasegate.schema_migrations',
    'SELECT * FROM system.users',
    "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
    "INSERT INTO leasegate.lease_events (lease) VALUES ('x')",
    'DROP VIEW leasegate.requests',
  ].map(sql => ({ sql }))
  const seen = await asUser('of-console', { grants: grantsOf('leasegate_console') }, [...asked, ...forbidden])
  expect(seen.slice(0, asked.length).filter(answer => !Array.isArray(answer))).toEqual([])
  expect(seen.slice(asked.length)).toMatchObject(Array(forbidden.length).fill({ error: 'ACCESS_DENIED' }))
})

/** Values for parameters, whatever they mean: only the rights are asked about here. */
function withParams(sql: string): string {
  return sql.replaceAll(/\{\w+:([^{}]+)\}/g, (_, type: string) => {
    if (type.startsWith('DateTime')) return "toDateTime64('2026-01-01 00:00:00', 3, 'UTC')"
    return type === 'String' ? "'UTC'" : '1'
  })
}
