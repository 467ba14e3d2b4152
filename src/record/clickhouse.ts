import { readFileSync } from 'node:fs'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { type ClickHouseLogin, withLogin } from './connect/clickhouse-login.ts'
import { takeBlocks } from './insert/embedded-blocks.ts'
import { onCluster } from './migrations/for-cluster.ts'
import { RecordError } from './record-sink.ts'

export interface ClickHouseServer {
  readonly kind: 'server'
  /** http or https; may carry user and password. */
  readonly url: string
  readonly login?: ClickHouseLogin
  /** PEM file of the authorities that an https server is trusted by, null for the system's. */
  readonly caFile?: string | null
  readonly database?: string
  /** Cluster that the server belongs to: what is written is then kept by most of its replicas before it counts as written. */
  readonly cluster?: string | null
}

/** chdb: the same engine in this process. One process at a time owns a directory, and a process owns one directory. */
export interface EmbeddedClickHouse {
  readonly kind: 'embedded'
  readonly directory: string
}

export type ClickHouseAddress = ClickHouseServer | EmbeddedClickHouse

export interface ClickHouse {
  /** Migrates and inserts. */
  readonly writer: ClickHouseClient
  /** Writes what takes its time, beside the inserts. */
  readonly counter: ClickHouseClient
  /** For what people ask: changes nothing, and ends a query that takes too much. */
  readonly reader: ClickHouseClient
  close(): Promise<void>
}

const DATABASE = 'leasegate'

/** The client would write errors to the console by itself; they come out of our own log, or not at all. */
const QUIET = { log: { level: ClickHouseLogLevel.OFF } } as const

/** With readonly = 1 a query can neither write nor lift these limits. */
const READ_SETTINGS = {
  max_execution_time: 30,
  max_memory_usage: '2000000000',
  max_result_rows: '1000000',
  readonly: '1',
} as const

/** Opens the database and creates it where it is missing. Rejects with a RecordError. */
export async function openClickHouse(address: ClickHouseAddress): Promise<ClickHouse> {
  return address.kind === 'server' ? openServer(address) : openEmbedded(address)
}

interface ReaderLimits {
  /** A query that takes longer is ended, on both sides. Readers may lower it and change nothing else. */
  readonly longestS: number
  readonly connections: number
}

/** For a reader alone, who may lack the right to create anything. */
export function openServerReader(server: ClickHouseServer, limits: ReaderLimits | null = null): ClickHouseClient {
  if (limits === null) return connect(server, { clickhouse_settings: READ_SETTINGS })
  const { longestS, connections } = limits
  return connect(server, {
    clickhouse_settings: { ...READ_SETTINGS, max_execution_time: longestS },
    request_timeout: (longestS + 1) * 1000,
    max_open_connections: connections,
  })
}

/** Throws a RecordError when the files of its login or its authorities cannot be used. */
function connect(server: ClickHouseServer, options: Config): ClickHouseClient {
  const { url, login, caFile = null, database = DATABASE } = server
  if (new URL(url).pathname !== '/') {
    throw new RecordError(
      'not-configured',
      `the ClickHouse URL must end with the host and port: the database is ${DATABASE}`,
    )
  }
  const tls = caFile === null ? {} : { tls: { ca_cert: readCa(caFile) } }
  return withLogin(createClient({ ...QUIET, url, database, ...tls, ...options }), url, login)
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new RecordError('not-configured', `${file} cannot be read`, error)
  }
}

async function openServer(server: ClickHouseServer): Promise<ClickHouse> {
  const { database = DATABASE, cluster = null } = server
  const first = connect({ ...server, database: 'default' }, {})
  try {
    await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(database)} ${onCluster(cluster)}` })
  } catch (error) {
    throw new RecordError('unavailable', `cannot open database ${database}`, error)
  } finally {
    await first.close()
  }
  const quorum = cluster === null ? {} : { clickhouse_settings: { insert_quorum: 'auto' } }
  return toClickHouse(connect(server, quorum), connect(server, quorum), openServerReader(server))
}

/**
 * A session each: settings are sticky here (`SET` is how the adapter passes them), so the reader's are set once, and the
 * last one locks the others. The writer's stick too: an insert without a deduplication token of its own would run with
 * the one before it, and be dropped as its copy.
 */
async function openEmbedded({ directory }: EmbeddedClickHouse): Promise<ClickHouse> {
  const { createChdbConnection } = await importChdb()
  const connect = () => createChdbConnection({ path: directory })
  const open = (connection: unknown): ClickHouseClient =>
    createClient({ ...QUIET, connection: asConnection(connection) })
  try {
    const writer = open(await takeBlocks(connect(), directory))
    const clickhouse = toClickHouse(writer, open(connect()), open(connect()))
    await clickhouse.writer.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
    for (const client of [clickhouse.writer, clickhouse.counter, clickhouse.reader])
      await client.command({ query: `USE ${DATABASE}` })
    const settings = Object.entries(READ_SETTINGS).map(([name, value]) => `${name} = ${value}`)
    await clickhouse.reader.command({ query: `SET ${settings.join(', ')}` })
    return clickhouse
  } catch (error) {
    if (error instanceof RecordError) throw error
    throw new RecordError('unavailable', `cannot open ${directory} (does another process use it?)`, error)
  }
}

type Config = NonNullable<Parameters<typeof createClient>[0]>

/** The same interface, but the client and chdb each carry a copy of the package that declares it. */
function asConnection(connection: unknown): NonNullable<Config['connection']> {
  return connection as NonNullable<Config['connection']>
}

async function importChdb(): Promise<typeof import('chdb/connection')> {
  try {
    return await import('chdb/connection')
  } catch (error) {
    throw new RecordError(
      'engine-missing',
      'the optional package chdb is not installed: use a ClickHouse server',
      error,
    )
  }
}

function toClickHouse(writer: ClickHouseClient, counter: ClickHouseClient, reader: ClickHouseClient): ClickHouse {
  return {
    writer,
    counter,
    reader,
    close: async () => {
      await Promise.all([writer.close(), counter.close(), reader.close()])
    },
  }
}

function quoteName(name: string): string {
  return `\`${name.replace(/[`\\]/g, '\\$&')}\``
}
