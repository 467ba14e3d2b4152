import type { BrokerConfig } from '../../../config/roles.ts'
import { openServerReader } from '../../../record/clickhouse.ts'
import { serverAddress } from '../../../record/connect/server-address.ts'
import { createQueryRunner } from '../../../record/queries/run-query.ts'
import { createTapQueryRunner } from '../../../record/queries/tap-query-runner.ts'
import type { Logger } from '../../../support/logger.ts'
import type { Clock } from '../../../support/time/clock.ts'
import { BY_PAGES, boundedRecord, type ConsoleRecord, type Manner } from './record.ts'

/** Nothing that a page shows is worth more of ClickHouse. */
const LONGEST_S = 5

/** What the broker reads of the record, with an account that reads and nothing else; null where the settings name none. Throws a RecordError. */
export function openRecord(
  config: BrokerConfig,
  clock: Clock,
  log: Logger,
  manner: Manner = BY_PAGES,
): ConsoleRecord | null {
  const server = serverAddress(config)
  if (server !== null) {
    const reader = openServerReader(server, { longestS: LONGEST_S, connections: 4 })
    const run = createQueryRunner(reader, clock)
    return boundedRecord({ run, through: 'server', clock, log, close: () => reader.close() }, manner)
  }
  if (config.querySocket === null) return null
  const run = createTapQueryRunner(config.querySocket, { longestMs: LONGEST_S * 1000 })
  return boundedRecord({ run, through: 'tap', clock, log, close: async () => {} }, manner)
}
