import type { ClickHouseClient } from '@clickhouse/client'
import { type Clock, systemClock } from '../../support/time/clock.ts'
import { type SessionQuestion, toSessionSql } from '../sessions/session-questions.ts'
import { toParamValues } from './query-params.ts'
import { whyNotReadOnly } from './read-only.ts'
import { savedQueries } from './saved-queries.ts'

export type QueryRequest =
  | { readonly kind: 'saved'; readonly name: string; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'sql'; readonly sql: string }
  | SessionQuestion

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

/** Runs a query that changes nothing. Rejects with a QueryError. */
export type QueryRunner = (request: QueryRequest) => Promise<QueryResult>

/** wrong: the caller can mend it. failed: the database could not answer. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code: 'wrong' | 'failed'

  constructor(code: 'wrong' | 'failed', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** `reader` must be a connection that cannot write: the check of the text is the second wall, not the first. */
export function createQueryRunner(reader: ClickHouseClient, clock: Clock = systemClock): QueryRunner {
  let tableFunctions: Promise<readonly string[]> | null = null
  return async request => {
    if (request.kind === 'session') {
      const { sql, params } = toSessionSql(request)
      return run(reader, sql, params)
    }
    tableFunctions ??= readTableFunctions(reader)
    const known = await tableFunctions.catch(error => {
      tableFunctions = null
      throw toQueryError(error)
    })
    const { sql, params } = request.kind === 'saved' ? toSql(request, clock()) : { sql: request.sql, params: {} }
    const why = whyNotReadOnly(sql, known)
    if (why !== null) throw new QueryError('wrong', why)
    return run(reader, sql, params)
  }
}

type Saved = Extract<QueryRequest, { kind: 'saved' }>

function toSql({ name, params }: Saved, now: number): { sql: string; params: Readonly<Record<string, string>> } {
  const all = savedQueries()
  const query = all.find(one => one.name === name)
  if (query === undefined) {
    throw new QueryError('wrong', `there is no query of this name; there is ${all.map(one => one.name).join(', ')}`)
  }
  const values = toParamValues(query.params, params, now)
  if (values.kind === 'problem') throw new QueryError('wrong', values.message)
  return { sql: query.sql, params: values.values }
}

async function run(
  reader: ClickHouseClient,
  sql: string,
  params: Readonly<Record<string, string>>,
): Promise<QueryResult> {
  try {
    const result = await reader.query({
      query: sql.replace(/[;\s]+$/, ''),
      query_params: { ...params },
      format: 'JSONCompact',
    })
    const { meta = [], data } = await result.json<unknown[]>()
    return { columns: meta, rows: data }
  } catch (error) {
    throw toQueryError(error)
  }
}

async function readTableFunctions(reader: ClickHouseClient): Promise<readonly string[]> {
  const result = await reader.query({ query: 'SELECT name FROM system.table_functions', format: 'JSONEachRow' })
  return (await result.json<{ readonly name: string }>()).map(({ name }) => name)
}

/** What ClickHouse says of a query is for whoever wrote it; what the network says is not. */
function toQueryError(error: unknown): QueryError {
  if (error instanceof Error && 'type' in error && 'code' in error) {
    return new QueryError('wrong', `${error.message.trim().slice(0, 1000)} (${String(error.type)})`)
  }
  return new QueryError('failed', 'the database does not answer', error)
}
