import { deepEqual } from 'node:assert'
import assert from 'node:assert/strict'
import type { Operation } from '../../../src/broker/http/operation.ts'
import { STATUS } from '../../../src/broker/http/shown.ts'
import { OPERATIONS } from '../../../src/broker/openapi/operations.ts'
import { refusalsOf } from '../../../src/broker/openapi/refusals.ts'

interface Exchange {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: unknown
}

/** Where a request goes that nobody let in, or that no route is for. */
const WITHOUT_OPERATION: ReadonlySet<number> = new Set([401, 403, 404, 503])
/** By the parser of HTTP, before the broker has it. */
const BY_THE_PARSER: ReadonlySet<number> = new Set([431])

/** Throws where an answer of the API is another than docs/openapi.json says, in status or in one field. */
export function expectDescribed({ method, path, status, body }: Exchange): void {
  const what = `${method} ${path} answered ${status}`
  if (!path.startsWith('/v1/') || BY_THE_PARSER.has(status)) return
  const operation = operationAt(method, path)
  if (operation === undefined) {
    assert.ok(WITHOUT_OPERATION.has(status), `${what}, and is not described`)
    expectStatus(what, body)
    return
  }
  const { id } = operation
  if (status === operation.status) {
    expectAll(`${what}: ${id} is described otherwise`, operation.answer, body)
    return
  }
  assert.ok((refusalsOf(operation) as readonly number[]).includes(status), `${what}: ${id} is described without`)
  expectStatus(what, body)
}

export function operationAt(method: string, path: string): Operation | undefined {
  const [plain = ''] = path.split('?')
  return OPERATIONS.find(
    one => one.method === method.toLowerCase() && new RegExp(`^${one.path.replaceAll(/{\w+}/g, '[^/]+')}$`).test(plain),
  )
}

function expectStatus(what: string, body: unknown): void {
  expectAll(`${what}: not a Status as described`, STATUS, body)
}

/** Nothing is missing, and nothing is there that is not described: a schema leaves out what it does not know. */
function expectAll(what: string, schema: Operation['answer'], body: unknown): void {
  const parsed = schema.safeParse(body)
  assert.ok(parsed.success, `${what}: ${parsed.error?.message}`)
  deepEqual(body, parsed.data, what)
}
