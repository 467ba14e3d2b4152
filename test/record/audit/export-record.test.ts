import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exportedRows, exportRecord, readExportFacts } from '../../../src/record/audit/export-record.ts'
import { queryRows } from '../../../src/record/audit/query-rows.ts'
import { verifyRecord } from '../../../src/record/audit/verify-record.ts'
import { SHAPES } from '../../../src/record/ledger/format/row-halves.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { openTestDatabase } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows } from './a-record.ts'

const AUDITOR = fileURLToPath(new URL('verify_export.py', import.meta.url))
const DAY_MS = 86_400_000
const database = await openTestDatabase()
const { clickhouse } = database
const folder = await makeLedgerFolder()
const root = await mkdtemp(join(tmpdir(), 'leasegate-export-'))
const keyFile = join(root, 'ledger.pub.pem')
const source = queryRows(createQueryRunner(clickhouse.reader))
let exports = 0
let to = ''

afterAll(async () => {
  await rm(root, { recursive: true })
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

beforeAll(async () => {
  await writeFile(keyFile, folder.publicKey.export({ type: 'spki', format: 'pem' }))
  for (const [owner, from] of [
    ['tap-a', 0],
    ['tap-b', 100],
  ] as const) {
    const sink = await openSink(folder, clickhouse, owner)
    await sink.write(someRows(from, 12), owner)
    await sink.checkpoint()
    await sink.close()
  }
})

beforeEach(async () => {
  exports += 1
  to = join(root, `export-${exports}`)
  await exportRecord(folder.directory, source, to, Date.now())
})

async function verifyExport() {
  const facts = await readExportFacts(to)
  if (facts.kind === 'problem') throw new Error(facts.message)
  const { troubles, counts, late } = await verifyRecord({
    directory: join(to, 'ledgers'),
    keys: [folder.publicKey],
    source: exportedRows(to),
    keep: { requests: 90 * DAY_MS, events: 400 * DAY_MS },
    now: facts.value.at,
    settled: new Map(Object.entries(facts.value.settled)),
  })
  return { troubles: troubles.map(describeTrouble), good: counts.good, late }
}

/** What somebody finds who has read the docs, and nothing of ours. */
async function auditor(): Promise<unknown> {
  const child = spawn('python3', [AUDITOR, to, keyFile, JSON.stringify(SHAPES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return json(child.stdout)
}

async function changeRows(table: string, edit: (text: string) => string): Promise<void> {
  const [file = ''] = await readdir(join(to, 'rows', table))
  const path = join(to, 'rows', table, file)
  await writeFile(path, edit(await readFile(path, 'utf8')))
}

describe('exportRecord', () => {
  test('an export can be verified by itself, by us and by somebody who begins anew', async () => {
    const { troubles, good, late } = await verifyExport()
    expect(troubles).toEqual([])
    expect(late).toBe(0)
    expect(good).toBeGreaterThan(40)
    expect(await auditor()).toEqual({ wrong: [], missing: 0, strange: 0, good })
  })

  test.each([
    { name: 'an edited row', edit: (text: string) => text.replace('"allow"', '"deny"'), want: /^edited decision/ },
    { name: 'a row that is gone', edit: (text: string) => text.slice(text.indexOf('\n') + 1), want: /^deleted / },
    {
      name: 'a row more',
      edit: (text: string) => text + text.slice(0, text.indexOf('\n') + 1).replace(/"a-\d+"/, '"forged"'),
      want: /^inserted /,
    },
  ])('both find $name', async ({ edit, want }) => {
    await changeRows('request_halves', edit)
    expect((await verifyExport()).troubles).toEqual(expect.arrayContaining([expect.stringMatching(want)]))
    expect(await auditor()).not.toMatchObject({ missing: 0, strange: 0 })
  })

  test('an export that excuses its own gaps says how many', async () => {
    const facts = await readFile(join(to, 'export.json'), 'utf8')
    await writeFile(join(to, 'export.json'), facts.replaceAll(/: \d{1,3}\b/g, ': 0'))
    await changeRows('request_halves', () => '')
    const { troubles, late } = await verifyExport()
    expect(troubles).toEqual([])
    expect(late).toBeGreaterThan(40)
  })

  test('both find a checkpoint that was changed', async () => {
    const [name = ''] = await ledgersIn(folder.directory)
    const [file = ''] = (await readdir(join(to, 'ledgers', name))).filter(one => one.endsWith('.checkpoints'))
    const path = join(to, 'ledgers', name, file)
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, [lines[0], Number(lines[1]) - 1, ...lines.slice(2)].join('\n'))
    expect((await verifyExport()).troubles.join('\n')).toContain('the signature is not of this text')
    expect(await auditor()).toMatchObject({ wrong: [expect.stringContaining('signature')] })
  })

  test('is not written over another one, and what is none is said to be none', async () => {
    await expect(exportRecord(folder.directory, source, to, Date.now())).rejects.toThrow('EEXIST')
    expect(await readExportFacts(root)).toMatchObject({ kind: 'problem' })
    await appendFile(join(to, 'export.json'), 'x')
    expect(await readExportFacts(to)).toMatchObject({ kind: 'problem' })
  })
})
