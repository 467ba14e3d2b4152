import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { QueryError, type QueryRequest, type QueryRunner } from '../record/queries/run-query.ts'
import type { Logger } from '../support/logger.ts'
import { listen } from '../support/net/listen.ts'

export interface QueryServer {
  stop(): Promise<void>
}

const BODY_LIMIT = 256 * 1024

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('saved'), name: z.string(), params: z.record(z.string(), z.string()) }),
  z.strictObject({ kind: z.literal('sql'), sql: z.string() }),
  z.strictObject({
    kind: z.literal('session'),
    auditId: z.string(),
    part: z.enum(['key', 'end', 'deletion', 'last', 'chunks']),
    from: z.int().min(0).max(0xffff_ffff).default(0),
  }),
]) satisfies z.ZodType<QueryRequest>

/**
 * Answers queries on a Unix socket of this user's alone: one process owns the embedded engine's directory, so others ask
 * it. HTTP: POST /query with a QueryRequest as JSON; 200 with a QueryResult, else `{code, message}`.
 */
export async function startQueryServer(path: string, run: QueryRunner, log: Logger): Promise<QueryServer> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request, run).then(
      result => reply(response, 200, result),
      error => {
        const told = error instanceof QueryError ? error : new QueryError('failed', 'the query could not be run')
        if (told !== error) log.error({ err: error }, 'a query could not be run')
        reply(response, told.code === 'wrong' ? 400 : 503, { code: told.code, message: told.message })
      },
    )
  })
  await listen(server, { kind: 'unix', path })
  return {
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      await closed
    },
  }
}

async function answer(request: IncomingMessage, run: QueryRunner): Promise<unknown> {
  if (request.method !== 'POST' || request.url !== '/query')
    throw new QueryError('wrong', 'only POST /query is answered')
  const parsed = requestSchema.safeParse(parseJson(await readBody(request)))
  if (!parsed.success)
    throw new QueryError(
      'wrong',
      'the request is not {kind: saved, name, params}, {kind: sql, sql} or {kind: session, auditId, part}',
    )
  return run(parsed.data)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_LIMIT) throw new QueryError('wrong', 'the query is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}
