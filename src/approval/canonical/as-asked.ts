import type { ApiRequest } from '../../request/api-request.ts'
import { isProxy } from '../../request/needs/connect.ts'
import { parseJson } from '../../request/object/json.ts'
import type { PlainObject } from '../../request/object/sent-object.ts'
import { sortedMembers, withoutInvented } from './invented.ts'

export interface Asked {
  readonly request: ApiRequest
  readonly body: Uint8Array
}

/** A longer one cannot be shown, and so not be asked. */
const MOST_BYTES = 64 * 1024

/** Types whose body the API server reads as JSON; apply patches may be YAML, which is none. */
const JSON_TYPES: ReadonlySet<string> = new Set([
  ...['', 'application/json', 'application/json-patch+json', 'application/merge-patch+json'],
  ...['application/strategic-merge-patch+json', 'application/apply-patch+yaml'],
])

/** All other numbers might be one to JavaScript and two to Go, or the other way round. */
const PLAIN_NUMBER = /^(?:0|-?[1-9]\d{0,14})$/
const TEXTS = /"[^"\\]*(?:\\.[^"\\]*)*"/g
const NUMBERS = /-?\d[\d.eE+-]*/g

/**
 * The request as a yes is bound to it and an approver is shown it: with a body that is the same however its members are ordered and set
 * apart, and that leaves out what a client invents for each call. What is not JSON, or goes through a proxy, is bound as the bytes that it is.
 */
export function asAsked(request: ApiRequest, body: Uint8Array): Asked {
  const { info, contentType, object } = request
  if (body.length === 0 || body.length > MOST_BYTES || !JSON_TYPES.has(contentType)) return { request, body }
  if (!info.isResourceRequest || info.verb === 'proxy' || isProxy(info)) return { request, body }
  const parsed = parseJson(body)
  if (parsed.kind !== 'ok' || !hasPlainNumbers(Buffer.from(body).toString('utf8'))) return { request, body }
  if (hasTwins(parsed.value)) return { request, body }
  const value = withoutInvented(info, sortedMembers(parsed.value))
  const read = object.kind === 'plain' ? ({ kind: 'plain', value: value as PlainObject } as const) : object
  return { request: { ...request, object: read }, body: Buffer.from(JSON.stringify(value), 'utf8') }
}

function hasPlainNumbers(json: string): boolean {
  return (json.replace(TEXTS, '').match(NUMBERS) ?? []).every(number => PLAIN_NUMBER.test(number))
}

/** Whether names differ in their letters' case alone: of these some readers take the last. */
function hasTwins(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const names = Array.isArray(value) ? [] : Object.keys(value).map(name => name.toLowerCase())
  return new Set(names).size < names.length || Object.values(value).some(hasTwins)
}
