import { type IncomingMessage, request } from 'node:http'
import { z } from 'zod'
import { QueryError, type QueryResult, type QueryRunner } from './run-query.ts'

const resultSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
}) satisfies z.ZodType<QueryResult>

const errorSchema = z.object({ code: z.enum(['wrong', 'failed']), message: z.string() })

interface Limits {
  /** After it nobody waits for the answer any more. */
  readonly longestMs: number
}

/** Runs queries through a tap's socket. */
export function createTapQueryRunner(socketPath: string, limits: Limits | null = null): QueryRunner {
  return async query => {
    const signal = limits === null ? null : AbortSignal.timeout(limits.longestMs)
    const { status, body } = await post(socketPath, JSON.stringify(query), signal)
    const answer: unknown = parseJson(body)
    const result = resultSchema.safeParse(answer)
    if (status === 200 && result.success) return result.data
    const error = errorSchema.safeParse(answer)
    throw error.success
      ? new QueryError(error.data.code, error.data.message)
      : new QueryError('failed', `the tap at ${socketPath} answered something else (${status})`)
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

function post(socketPath: string, json: string, signal: AbortSignal | null): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const failed = (error: NodeJS.ErrnoException): void =>
    reject(new QueryError('failed', `no tap answers at ${socketPath} (${error.code ?? error.message})`))
  const headers = { 'content-type': 'application/json' }
  const sent = request({ socketPath, path: '/query', method: 'POST', headers, ...(signal === null ? {} : { signal }) })
  sent.on('error', failed)
  sent.on('response', response =>
    readText(response).then(body => resolve({ status: response.statusCode ?? 0, body }), failed),
  )
  sent.end(json)
  return promise
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
