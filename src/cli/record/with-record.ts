import { MIGRATE_SETTINGS, type RecordConfig } from '../../config/roles.ts'
import type { ClickHouse } from '../../record/clickhouse.ts'
import { RecordError } from '../../record/record-sink.ts'
import { CliError, type CliErrorCode } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'

/** Opens the record to change it. The embedded engine belongs to one process at a time: the tap must be stopped. */
export async function withRecord<T>(
  terminal: Terminal,
  act: (clickhouse: ClickHouse, config: RecordConfig) => Promise<T>,
): Promise<T> {
  const config = settings(terminal, MIGRATE_SETTINGS)
  const [{ openClickHouse }, { recordAddress }] = await Promise.all([
    import('../../record/clickhouse.ts'),
    import('../../record/connect/record-config.ts'),
  ])
  try {
    const clickhouse = await openClickHouse(recordAddress(config))
    return await act(clickhouse, config).finally(() => clickhouse.close())
  } catch (error) {
    throw error instanceof RecordError ? new CliError(toCode(error), error.message, error) : error
  }
}

function toCode({ code }: RecordError): CliErrorCode {
  switch (code) {
    case 'not-configured':
      return 'usage'
    case 'unavailable':
      return 'unavailable'
    case 'refused':
    case 'migration-changed':
    case 'engine-missing':
      return 'refused'
  }
}
