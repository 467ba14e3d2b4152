import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Refusal, RequestInfo } from '../../../src/request/api-request.ts'

interface Read extends Partial<RequestInfo> {
  /** `GET /api`: all behind the first space is the target, byte for byte. */
  readonly request: string
  readonly verb: string
}

interface Refused {
  readonly request: string
  readonly reason: Refusal
}

const folder = join(import.meta.dirname, '../../vectors')
const load = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

/** Requests that must be read, with all that is read from method and target. */
export const READ: readonly { readonly request: string; readonly want: RequestInfo }[] = (
  load('request-info.json') as readonly Read[]
).map(({ request, ...said }) => ({ request, want: complete(said) }))

/** Requests that must be refused, with nothing about them but method and target. */
export const REFUSED: readonly Refused[] = load('request-refused.json')

/** Without a resource it is none that is asked for; what is not said is the core group in v1, and otherwise empty. */
function complete(said: Partial<RequestInfo> & { readonly verb: string }): RequestInfo {
  const isResourceRequest = said.resource !== undefined
  const nothing = { apiGroup: '', namespace: '', resource: '', subresource: '', name: '' }
  const api = { apiPrefix: said.apiGroup === undefined ? 'api' : 'apis', apiVersion: 'v1' }
  const usual = isResourceRequest ? api : { apiPrefix: '', apiVersion: '' }
  return { isResourceRequest, ...nothing, ...usual, fieldSelector: '', labelSelector: '', ...said }
}

export function split(request: string): { readonly method: string; readonly target: string } {
  const at = request.indexOf(' ')
  return { method: request.slice(0, at), target: request.slice(at + 1) }
}
