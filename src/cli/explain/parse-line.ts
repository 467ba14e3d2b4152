import { z } from 'zod'
import type { HeaderLine, HttpRequest } from '../../request/http-request.ts'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'

const LINE = z.strictObject({
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
  body: z.string().nullish(),
  source: z.string().max(64).default(''),
})

/** A request as a line of JSON describes it. It came on no route. */
export function parseLine(line: string): Parsed<HttpRequest> {
  const read = LINE.safeParse(parseJson(line))
  if (!read.success) return problem(read.error.issues.map(describe).join('; '))
  const { method, path, headers, body, source } = read.data
  return ok({
    id: '',
    method,
    target: path,
    headers: toLines(headers),
    body: Buffer.from(body ?? '', 'utf8'),
    route: null,
    source,
  })
}

function toLines(headers: Readonly<Record<string, string | readonly string[]>>): readonly HeaderLine[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): HeaderLine => [name.toLowerCase(), value]),
  )
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function describe({ code, path, message }: z.core.$ZodIssue): string {
  if (path.length > 0) return `${path.join('.')}: ${message}`
  return code === 'unrecognized_keys' ? message : 'not a JSON object with method, path, headers, body and source'
}
