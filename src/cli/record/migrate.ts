import { Command } from 'commander'
import { MIGRATE_SETTINGS } from '../../config/roles.ts'
import type { ClickHouseAddress } from '../../record/clickhouse.ts'
import { RecordError } from '../../record/record-sink.ts'
import { CliError } from '../cli-error.ts'
import { settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export function migrateCommand(terminal: Terminal): Command {
  return new Command('migrate')
    .description('bring the tables of the record up to date; does nothing when they are')
    .action(async () => {
      const address = addressOf(terminal)
      const [{ openClickHouse }, { migrate }] = await Promise.all([
        import('../../record/clickhouse.ts'),
        import('../../record/migrations/migrate.ts'),
      ])
      try {
        const clickhouse = await openClickHouse(address)
        const applied = await migrate(clickhouse.writer).finally(() => clickhouse.close())
        terminal.print(applied.length === 0 ? 'nothing to do\n' : applied.map(name => `${name} applied\n`).join(''))
      } catch (error) {
        if (!(error instanceof RecordError)) throw error
        throw new CliError(error.code === 'unavailable' ? 'unavailable' : 'refused', error.message, error)
      }
    })
}

function addressOf(terminal: Terminal): ClickHouseAddress {
  const { clickhouseUrl, clickhouseDirectory } = settings(terminal, MIGRATE_SETTINGS)
  if (clickhouseUrl !== null) return { kind: 'server', url: clickhouseUrl.reveal() }
  if (clickhouseDirectory !== null) return { kind: 'embedded', directory: clickhouseDirectory }
  throw new CliError('usage', 'set LEASEGATE_CLICKHOUSE_URL (a server) or LEASEGATE_CLICKHOUSE_DIRECTORY (embedded)')
}
