import { QUERY_SETTINGS } from '../../../config/roles.ts'
import type { ClickHouseServer } from '../../../record/clickhouse.ts'
import { serverAddress } from '../../../record/connect/server-address.ts'
import { formatResult, type ResultFormat } from '../../../record/queries/format-result.ts'
import { QueryError, type QueryRequest, type QueryResult } from '../../../record/queries/run-query.ts'
import { CliError } from '../../command/cli-error.ts'
import { settings } from '../../command/settings.ts'
import type { Terminal } from '../../command/terminal.ts'

/** One long command would make every line of a table as long. */
const LONGEST = 160

/** Asks and prints. */
export async function runQuery(terminal: Terminal, request: QueryRequest, format: ResultFormat): Promise<void> {
  terminal.print(formatResult(await askRecord(terminal, request), format, LONGEST))
}

/** Asks the ClickHouse server where one is set, else the tap, which owns the embedded engine. */
export async function askRecord(terminal: Terminal, request: QueryRequest): Promise<QueryResult> {
  const config = settings(terminal, QUERY_SETTINGS)
  const { querySocket } = config
  const server = serverAddress(config)
  if (server === null && querySocket === null) {
    throw new CliError('usage', 'set LEASEGATE_QUERY_SOCKET (the tap) or LEASEGATE_CLICKHOUSE_URL (a server)')
  }
  const answering = server === null ? askTap(querySocket ?? '', request) : askServer(server, request)
  return answering.catch(error => {
    throw error instanceof QueryError ? toCliError(error) : error
  })
}

async function askTap(socket: string, request: QueryRequest): Promise<QueryResult> {
  const { createTapQueryRunner } = await import('../../../record/queries/tap-query-runner.ts')
  return createTapQueryRunner(socket)(request)
}

async function askServer(server: ClickHouseServer, request: QueryRequest): Promise<QueryResult> {
  const [{ openServerReader }, { createQueryRunner }] = await Promise.all([
    import('../../../record/clickhouse.ts'),
    import('../../../record/queries/run-query.ts'),
  ])
  const reader = openServerReader(server)
  return createQueryRunner(reader)(request).finally(() => reader.close())
}

function toCliError(error: QueryError): CliError {
  return new CliError(error.code === 'wrong' ? 'usage' : 'unavailable', error.message, error)
}
