import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openClickHouse } from '../../src/record/clickhouse.ts'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { migrate } from '../../src/record/migrations/migrate.ts'
import { toRow } from '../../src/record/to-rows.ts'
import { select } from './embedded.ts'
import { decision, item } from './entries.ts'

const directory = await mkdtemp(join(tmpdir(), 'leasegate-open-'))
const address = { kind: 'embedded', directory } as const
const run = promisify(execFile)

afterAll(() => rm(directory, { recursive: true, force: true }))

/** Opens the same directory from another process, and prints the error's code or `opened`. */
const OTHER = `
  const { openClickHouse } = await import(process.argv[1])
  const opened = openClickHouse({ kind: 'embedded', directory: process.argv[2] })
  console.log(await opened.then(() => 'opened', error => error.code + ': ' + error.message))
  process.exit(0)`

function openElsewhere(): Promise<{ stdout: string }> {
  const module = new URL('../../src/record/clickhouse.ts', import.meta.url).href
  return run(process.execPath, ['--input-type=module', '-e', OTHER, module, directory])
}

describe('openClickHouse', () => {
  test('what was written is there after the directory was closed and opened again', async () => {
    const first = await openClickHouse(address)
    await migrate(first.writer)
    // As of now, for the tables keep their rows as long as the product says.
    await createClickHouseSink(first.writer).write([toRow(item(decision({ decidedAt: Date.now() })))])
    await first.close()
    const second = await openClickHouse(address)
    onTestFinished(() => second.close())
    expect(await migrate(second.writer)).toEqual([])
    expect(await select(second.reader, 'SELECT audit_id FROM requests')).toEqual([{ audit_id: 'a-1' }])
  })

  test('a directory belongs to one process: another one is told so', async () => {
    const held = await openClickHouse(address)
    const { stdout } = await openElsewhere().finally(() => held.close())
    expect(stdout).toMatch(/^unavailable: cannot open .* \(does another process use it\?\)/)
    expect((await openElsewhere()).stdout).toBe('opened\n')
  })

  test('a server that is not there is unavailable, and the error keeps the password to itself', async () => {
    const opened = openClickHouse({ kind: 'server', url: 'http://writer:canary@127.0.0.1:1' })
    const error = await opened.catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ name: 'RecordError', code: 'unavailable' })
    const { message, stack, cause } = error as Error
    expect(`${message} ${stack} ${String(cause)}`).not.toContain('canary')
  })
})
