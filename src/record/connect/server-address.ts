import type { Config } from '../../config/read-config.ts'
import type { SERVER } from '../../config/roles.ts'
import type { ClickHouseServer } from '../clickhouse.ts'

/** Null where the settings name no server. */
export function serverAddress(config: Config<(typeof SERVER)[number]>): ClickHouseServer | null {
  const { clickhouseUrl, clickhouseUserFile, clickhousePasswordFile, clickhouseCaFile } = config
  if (clickhouseUrl === null) return null
  const login = { userFile: clickhouseUserFile, passwordFile: clickhousePasswordFile }
  return { kind: 'server', url: clickhouseUrl.reveal(), login, caFile: clickhouseCaFile }
}
