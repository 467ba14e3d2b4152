import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { TAP_SETTINGS, type TapConfig } from '../../src/config/roles.ts'
import { openLedger } from '../../src/record/connect/record-config.ts'
import { s3Reader } from '../../src/record/copies/s3-copies.ts'
import { shareLedger } from '../../src/record/share-ledger.ts'
import { createLogger } from '../../src/support/logger.ts'
import { openLedgerSide, toSink } from '../../src/tap/ledger.ts'
import { startS3Server } from '../record/copies/an-s3-server.ts'
import { openTestDatabase } from '../record/embedded.ts'
import { makeLedgerFolder } from '../record/ledger/a-ledger.ts'
import { startWitness } from '../record/witness/a-witness.ts'
import { until } from '../support/until.ts'

const database = await openTestDatabase()
const server = await startS3Server()
const witness = await startWitness('w1')
const home = await makeLedgerFolder()

afterAll(async () => {
  for (const one of [home, witness, server, database]) await one[Symbol.asyncDispose]()
})

const place = await server.bucket('checkpoints', true)
const policyFile = join(home.keyFile, '../witnesses')
await writeFile(policyFile, `${witness.line}\nquorum w1\n`)

function configOf(change: Readonly<Record<string, string>> = {}): TapConfig {
  const read = readConfig(
    {
      LEASEGATE_REDIS_URL: 'redis://127.0.0.1:6379',
      LEASEGATE_TAP_LISTEN: 'unix:/tmp/never.sock',
      LEASEGATE_LEDGER_DIRECTORY: home.directory,
      LEASEGATE_LEDGER_KEY_FILE: home.keyFile,
      LEASEGATE_LEDGER_S3_URL: place.url,
      LEASEGATE_LEDGER_S3_BUCKET: place.bucket,
      LEASEGATE_LEDGER_S3_PREFIX: place.prefix,
      LEASEGATE_LEDGER_S3_CREDENTIALS_FILE: place.credentialsFile,
      LEASEGATE_LEDGER_S3_KEPT: '1d',
      LEASEGATE_LEDGER_WITNESSES_FILE: policyFile,
      ...change,
    },
    TAP_SETTINGS,
  )
  if (read.kind !== 'ok') throw new Error(read.problems.join('\n'))
  return read.config
}

function collecting() {
  const lines: string[] = []
  const log = createLogger({ name: 'tap', level: 'info', destination: { write: line => void lines.push(line) } })
  return { log, lines }
}

describe('shareLedger', () => {
  test('puts the ledger of who deletes where those of taps go, and says where that cannot be', async () => {
    const config = configOf()
    const own = await openLedger(config, 'eraser here')
    if (own === null) throw new Error('no ledger')
    await witness.knows(own.ledger.verifierKey)
    await own.ledger.checkpoint()
    await own.ledger.close()
    await shareLedger(config, own.ledger)
    const copies = await Array.fromAsync(s3Reader(place).list())
    expect(copies.map(({ ledger }) => ledger)).toContain(own.ledger.name)
    const files = await readdir(own.ledger.folder)
    expect(files.filter(name => name.endsWith('.cosignatures'))).toHaveLength(1)
    await expect(shareLedger(configOf({ LEASEGATE_LEDGER_WITNESSES_FILE: '/nowhere' }), own.ledger)).rejects.toThrow(
      '/nowhere',
    )
  })
})

describe('toSink', () => {
  test('puts what it signs to the bucket and to the witness of the settings, the last of it as it stops', async () => {
    const config = configOf()
    const side = await openLedgerSide(config, 'tap')
    await witness.knows(side.own?.ledger.verifierKey ?? '')
    const { log, lines } = collecting()
    const sink = toSink(config, database.clickhouse.writer, side, log)
    await sink.stop(30_000)
    const copies = await Array.fromAsync(s3Reader(place).list())
    expect(copies.map(({ ledger }) => ledger)).toContain(side.own?.ledger.name)
    expect(sink.failing()).toEqual({ copyFailingSeconds: 0, witnessFailingSeconds: 0 })
    expect(lines.join('')).toContain(`"verifierKey":"leasegate/ledger/${side.own?.ledger.name}+`)
  })

  test('goes on without both, and tells of it', async () => {
    const config = configOf({ LEASEGATE_LEDGER_S3_URL: 'http://127.0.0.1:1' })
    const side = await openLedgerSide(config, 'another tap')
    await side.own?.ledger.checkpoint()
    const { log, lines } = collecting()
    const sink = toSink(config, database.clickhouse.writer, side, log)
    await until('both fail', () => lines.filter(line => line.includes('"level":50')).length === 2)
    expect(lines.join('')).toContain('checkpoints cannot be put to the second place; they are put later')
    expect(lines.join('')).toContain('a witness does not sign the newest checkpoint')
    await until(
      'seconds',
      () => (sink.failing().copyFailingSeconds ?? 0) > 0 && (sink.failing().witnessFailingSeconds ?? 0) > 0,
    )
    await sink.stop(1000)
  })

  test.each([
    { name: 'a bucket that can be none', change: { LEASEGATE_LEDGER_S3_BUCKET: 'A' }, says: 'name of a bucket' },
    {
      name: 'a file of witnesses that is not there',
      change: { LEASEGATE_LEDGER_WITNESSES_FILE: '/nowhere' },
      says: '/nowhere',
    },
  ])('$name does not start', async ({ change, says }) => {
    await expect((async () => openLedgerSide(configOf(change), 'a third'))()).rejects.toThrow(says)
  })
})
