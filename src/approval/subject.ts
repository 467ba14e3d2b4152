import { isRead } from '../lease/scope/scope.ts'
import { interpreterOf } from '../policy/programs/interpreters.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isStreamTarget } from '../request/needs/connect.ts'
import type { Step } from '../request/object/json-patch.ts'
import { sha256Of } from './digest.ts'

/**
 * What a no is said to, SHA-256, hex: the same whatever path, query and body are spelt like, and whichever lease of the agent it
 * comes under. What would run differs when the object, the verb, the command or what the body says does. Options do not count: who may
 * not delete it may not try to either. Nor do labels and annotations beside something else, the path of a program, or which shell runs a
 * script; and a patch of nothing is a read.
 */
export function subjectOf(request: ApiRequest, body: Uint8Array): string {
  const what = changesNothing(request)
    ? whatOf({ ...request, info: { ...request.info, verb: 'get' } })
    : whatOf(request)
  const texts = [...what, ...commandOf(request)].map(text => Buffer.from(text, 'utf8'))
  return sha256Of([...texts, changesNothing(request) ? new Uint8Array() : bodyOf(request, body)])
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
  if (object.kind === 'plain') {
    const said = info.verb === 'patch' ? withoutNotes(object.value) : withoutLabels(object.value)
    return Buffer.from(JSON.stringify(sorted(said)), 'utf8')
  }
  if (object.kind === 'steps') return Buffer.from(JSON.stringify(saidByAll(object.steps)), 'utf8')
  return body
}

/** It is answered with the object, as a read is. */
function changesNothing({ info, object }: ApiRequest): boolean {
  if (info.verb !== 'patch' || info.name === '') return false
  if (object.kind === 'steps') return object.steps.every(({ op }) => op === 'test')
  return object.kind === 'plain' && saysNothing(object.value)
}

/** Empty, or objects that are: their merge is what was there. */
function saysNothing(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names = NAMES_OBJECT[depth]
  return Object.entries(value).every(([name, member]) =>
    names?.has(name) ? true : saysNothing(member, depth === 0 && name === 'metadata' ? 1 : NAMES_OBJECT.length),
  )
}

/** What says which object it is, at the top and in its metadata. */
const NAMES_OBJECT: readonly ReadonlySet<string>[] = [
  new Set(['apiVersion', 'kind']),
  new Set(['name', 'namespace', 'uid', 'resourceVersion']),
]
const NOTES: ReadonlySet<string> = new Set(['labels', 'annotations', 'managedFields', 'resourceVersion'])

/** A label more makes no other request of it, unless it is all that there is. */
function withoutNotes(value: object): object {
  const metadata: unknown = Reflect.get(value, 'metadata')
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return value
  const kept = Object.fromEntries(Object.entries(metadata).filter(([name]) => !NOTES.has(name)))
  const { metadata: _, ...beside } = { ...value, metadata }
  if (saysNothing(kept, 1) && saysNothing(beside)) return value
  return saysNothing(kept, 1) ? beside : { ...beside, metadata: kept }
}

/** Of a whole object, which has a name and annotations that may be what somebody asked for. */
function withoutLabels(value: object): object {
  const metadata: unknown = Reflect.get(value, 'metadata')
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return value
  const kept = Object.entries(metadata).filter(([name]) => name === 'annotations' || !NOTES.has(name))
  return { ...value, metadata: Object.fromEntries(kept) }
}

function saidByAll(steps: readonly Step[]): readonly unknown[] {
  const without = steps.filter(({ op, path }) => op !== 'test' && !(path[0] === 'metadata' && NOTES.has(path[1] ?? '')))
  return (without.length === 0 ? steps : without).flatMap(saidBy)
}

/** Which shell it is, and where it lies, changes nothing of what it is told to run; spaces do not either. */
function commandOf({ stream }: ApiRequest): readonly string[] {
  const [program = '', ...rest] = stream?.command ?? []
  if (program === '') return []
  const name = program.slice(program.lastIndexOf('/') + 1)
  const called = interpreterOf(name)?.kind === 'shell' ? 'sh' : name
  return [called, ...rest].map(word => word.trim().replaceAll(/\s+/g, ' '))
}

/** A test changes nothing, to replace something is to add it, and members that an operation does not have are ignored. */
function saidBy({ op, path, from, value }: Step): readonly unknown[] {
  if (op === 'test') return []
  if (op === 'remove') return [[op, path]]
  return op === 'add' || op === 'replace' ? [['add', path, sorted(value)]] : [[op, path, from]]
}

/** Members in the order of their names; the depth is that which the reader of bodies lets through. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return members.map(([name, member]) => [name, sorted(member)])
}
