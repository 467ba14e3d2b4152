import type { ApiRequest } from '../api-request.ts'
import type { Step } from '../object/json-patch.ts'
import { type FieldPath, isWithin } from './field-path.ts'

/** What keeps a write from being a patch of certain fields and nothing else. */
export type Beyond =
  /** A PUT, a create, an apply: what is not sent is changed as well, or given up. */
  | { readonly kind: 'no-patch' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'field'; readonly field: FieldPath }
  /** The API server answers with the object all the same: it would be a read. */
  | { readonly kind: 'no-change' }

type Write = Pick<ApiRequest, 'info' | 'contentType' | 'object'>

const MERGED: ReadonlySet<string> = new Set(['application/merge-patch+json', 'application/strategic-merge-patch+json'])
const STEPS = 'application/json-patch+json'

/** Where the object is only compared: the API server refuses others than those it has. */
const PRECONDITIONS = ['name', 'namespace', 'uid', 'resourceVersion'].map(name => ['metadata', name])

/** Null when the write is a patch that changes some of these fields, or what is below them, and nothing beside. */
export function beyondFields({ info, contentType, object }: Write, fields: readonly FieldPath[]): Beyond | null {
  if (info.verb !== 'patch') return { kind: 'no-patch' }
  if (contentType === STEPS) return object.kind === 'steps' ? beyond(object.steps.map(written), fields) : UNREADABLE
  if (!MERGED.has(contentType)) return { kind: 'no-patch' }
  return object.kind === 'plain' ? beyond(changes(object.value, []), fields) : UNREADABLE
}

const UNREADABLE: Beyond = { kind: 'unreadable' }

interface Change {
  readonly field: FieldPath
  /** Nothing is written there: a test, or a text that the object must have already. */
  readonly compares: boolean
}

function beyond(all: Iterable<Change>, fields: readonly FieldPath[]): Beyond | null {
  let changed = false
  for (const { field, compares } of all) {
    if (isWithin(field, fields)) changed ||= !compares
    else if (!compares || !isWithin(field, PRECONDITIONS)) return { kind: 'field', field }
  }
  return changed ? null : { kind: 'no-change' }
}

/**
 * What a merge writes: every value that is no object, and objects that are empty. A name with a dollar sign tells a strategic merge
 * what to do with the object around it, and so with all of its fields.
 */
function* changes(value: unknown, field: FieldPath): Iterable<Change> {
  const members = isObject(value) ? Object.entries(value) : []
  if (members.length === 0) yield { field, compares: typeof value === 'string' && isPrecondition(field) }
  for (const [name, member] of members) {
    if (name.startsWith('$')) yield { field, compares: false }
    else yield* changes(member, [...field, name])
  }
}

/** copy and move bring what the boundary cannot see; where from matters as little as what. */
function written({ op, path }: Step): Change {
  if (op === 'copy' || op === 'move') return { field: [], compares: false }
  return { field: path, compares: op === 'test' }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPrecondition(field: FieldPath): boolean {
  return field.length === 2 && isWithin(field, PRECONDITIONS)
}
