import { afterAll, describe, expect, test } from 'vitest'
import { migrate, readMigrations } from '../../../src/record/migrations/migrate.ts'
import { openTestDatabase, select } from '../embedded.ts'

const database = await openTestDatabase()
const { writer } = database.clickhouse

afterAll(() => database[Symbol.asyncDispose]())

const schema = () =>
  select(writer, 'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name')

describe('migrate', () => {
  test('applies each migration once', async () => {
    expect(await migrate(writer)).toEqual([])
    const applied = await select(writer, 'SELECT name FROM schema_migrations ORDER BY version')
    expect(applied.map(({ name }) => name)).toEqual(readMigrations().map(({ name }) => name))
  })

  test('every statement may run again: a crash in the middle of a migration is repaired by the next start', async () => {
    const before = await schema()
    await writer.command({ query: 'TRUNCATE TABLE schema_migrations' })
    expect(await migrate(writer)).toHaveLength(readMigrations().length)
    expect(await schema()).toEqual(before)
  })

  test('refuses a database that was made by a migration with another text', async () => {
    const [first, ...rest] = readMigrations()
    if (first === undefined) throw new Error('no migrations')
    await expect(migrate(writer, { migrations: [{ ...first, checksum: 'other' }, ...rest] })).rejects.toMatchObject({
      code: 'migration-changed',
      message: expect.stringContaining(first.name),
    })
  })

  test('applies a new migration to an old database, and one that fails is not marked as applied', async () => {
    const broken = { version: 9000, name: '9000_broken.sql', checksum: 'x', statements: ['CREATE TABLE nonsense'] }
    await expect(migrate(writer, { migrations: [...readMigrations(), broken] })).rejects.toThrow()
    const mended = { ...broken, statements: ['CREATE VIEW nonsense AS SELECT 1'] }
    expect(await migrate(writer, { migrations: [...readMigrations(), mended] })).toEqual(['9000_broken.sql'])
    await writer.command({ query: 'DROP VIEW nonsense' })
  })

  test('every column of every table and view says what it holds', async () => {
    const silent = await select(
      writer,
      "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' ORDER BY table, name",
    )
    expect(silent).toEqual([])
  })
})

describe('request_halves', () => {
  test('every column outside the key belongs to one half only', async () => {
    const columns = await select(
      writer,
      "SELECT name, comment, type FROM system.columns WHERE database = currentDatabase() AND table = 'request_halves' AND is_in_sorting_key = 0",
    )
    expect(columns.length).toBeGreaterThan(40)
    for (const { comment, type } of columns) {
      expect(comment).toMatch(/^(Decision|Outcome)/)
      expect(type).toContain('Nullable')
    }
  })
})
