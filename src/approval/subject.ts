import { isRead } from '../lease/scope/scope.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isStreamTarget } from '../request/needs/connect.ts'
import type { Step } from '../request/object/json-patch.ts'
import { sha256Of } from './digest.ts'

/**
 * What a no is said to, SHA-256, hex: the same whatever path, query and body are spelt like, and whichever lease of the agent it
 * comes under. What would run differs when the object, the verb, the command or what the body says does. Options do not count: who may
 * not delete it may not try to either.
 */
export function subjectOf(request: ApiRequest, body: Uint8Array): string {
  const texts = [...whatOf(request), ...(request.stream?.command ?? [])].map(text => Buffer.from(text, 'utf8'))
  return sha256Of([...texts, bodyOf(request, body)])
}

/** What a question is about, SHA-256, hex: verb and object, whatever is done to it, and budgets that have nothing left for it. */
export function aboutOf(request: ApiRequest, beyond: readonly string[] = []): string {
  return sha256Of([...whatOf(request), ...beyond].map(text => Buffer.from(text, 'utf8')))
}

function whatOf({ info, method, path }: ApiRequest): readonly string[] {
  const { apiGroup, namespace, resource, subresource, name } = info
  // One object is read, whether it is got, listed or watched.
  const verb = isStreamTarget(info) ? 'connect' : name !== '' && isRead(info.verb) ? 'get' : info.verb
  return info.isResourceRequest ? [verb, apiGroup, namespace, resource, subresource, name] : [method, path]
}

function bodyOf({ info, object }: ApiRequest, body: Uint8Array): Uint8Array {
  if (info.verb === 'delete' || info.verb === 'deletecollection') return new Uint8Array()
  if (object.kind === 'plain') return Buffer.from(JSON.stringify(sorted(object.value)), 'utf8')
  if (object.kind === 'steps') return Buffer.from(JSON.stringify(object.steps.flatMap(saidBy)), 'utf8')
  return body
}

/** A test changes nothing, and members that an operation does not have are ignored. */
function saidBy({ op, path, from, value }: Step): readonly unknown[] {
  if (op === 'test') return []
  if (op === 'remove') return [[op, path]]
  return op === 'add' || op === 'replace' ? [[op, path, sorted(value)]] : [[op, path, from]]
}

/** Members in the order of their names; the depth is that which the reader of bodies lets through. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return members.map(([name, member]) => [name, sorted(member)])
}
