/**
 * The tap's part in recorded sessions, as a process of its own: recorder, spool, and the record in the embedded engine, put together as
 * the tap does. node recording-tap.ts SOCKET FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openClickHouse } from '../../../../src/record/clickhouse.ts'
import { createClickHouseSink } from '../../../../src/record/clickhouse-record-sink.ts'
import { migrate } from '../../../../src/record/migrations/migrate.ts'
import { withNewKey } from '../../../../src/session/store/keys/key-file.ts'
import { createLogger } from '../../../../src/support/logger.ts'
import { Recording } from '../../../../src/tap/recording/recording.ts'

const [socket = '', folder = ''] = process.argv.slice(2)
const log = createLogger({ name: 'tap', level: 'warn' })
mkdirSync(folder, { recursive: true, mode: 0o700 })
const sessionKeyFile = join(folder, 'session.keys.json')
writeFileSync(sessionKeyFile, withNewKey([]).text, { mode: 0o600 })
const sessionsDirectory = join(folder, 'spool')
mkdirSync(sessionsDirectory, { mode: 0o700 })
const config = {
  logLevel: 'warn',
  recorderListen: { kind: 'unix', path: socket },
  sessionInputs: 'kept',
  ...{ tlsCertFile: null, tlsKeyFile: null, tlsClientCaFile: null, tlsClientName: '' },
  sessionsDirectory,
  sessionsSpool: 4096,
  sessionKeyFile,
  sessionKeyCommand: null,
  sessionCommands: 'sealed',
} as const
const recording = await Recording.open({ config, log })
const clickhouse = await openClickHouse({ kind: 'embedded', directory: join(folder, 'record') })
await migrate(clickhouse.writer)
await recording?.begin(createClickHouseSink(clickhouse.writer))

process.once('SIGTERM', async () => {
  await recording?.stopListening(0)
  await recording?.stop(2000)
  await clickhouse.close()
  process.exit(0)
})
