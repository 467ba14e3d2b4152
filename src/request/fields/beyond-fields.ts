import type { ApiRequest } from '../api-request.ts'
import type { Step } from '../object/json-patch.ts'
import { type Field, mayBecome } from './field.ts'
import { CONTAINER_LISTS, type FieldPath, isAtOrBelow, isWithin } from './field-path.ts'

/** What keeps a write from being a patch of certain fields and nothing else. */
export type Beyond =
  /** A PUT, a create, an apply: what is not sent is changed as well, or given up. */
  | { readonly kind: 'no-patch' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'field'; readonly field: FieldPath }
  /** The field may be changed, and not to this. */
  | { readonly kind: 'value'; readonly field: FieldPath }
  /** The API server answers with the object all the same: it would be a read. */
  | { readonly kind: 'no-change' }

type Write = Pick<ApiRequest, 'info' | 'contentType' | 'object'>

const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'

/** Where the object is only compared: the API server refuses others than those it has. */
const PRECONDITIONS = ['name', 'namespace', 'uid', 'resourceVersion'].map(name => ['metadata', name])

/** Null when the write is a patch that changes some of these fields, or what is below them, and nothing beside. */
export function beyondFields({ info, contentType, object }: Write, fields: readonly Field[]): Beyond | null {
  if (info.verb !== 'patch') return { kind: 'no-patch' }
  if (contentType === STEPS) return object.kind === 'steps' ? beyond(object.steps.map(written), fields) : UNREADABLE
  if (contentType !== MERGE && contentType !== STRATEGIC) return { kind: 'no-patch' }
  const lists = contentType === STRATEGIC ? listsOf(fields) : []
  return object.kind === 'plain' ? beyond(changes(object.value, [], lists), fields) : UNREADABLE
}

const UNREADABLE: Beyond = { kind: 'unreadable' }

interface Change {
  readonly field: FieldPath
  /** Nothing is written there: a test, or a text that the object must have already. */
  readonly compares: boolean
  /** Undefined where what it becomes is not known. */
  readonly value?: unknown
}

function beyond(all: Iterable<Change>, fields: readonly Field[]): Beyond | null {
  const paths = fields.map(({ path }) => path)
  const compared = [...paths, ...PRECONDITIONS, ...listsOf(fields).map(list => [...list, null, 'name'])]
  let changed = false
  for (const { field, compares, value } of all) {
    if (compares && isWithin(field, compared)) continue
    if (compares || !fields.some(each => mayBecome(each, field, value))) {
      return { kind: isWithin(field, paths) ? 'value' : 'field', field }
    }
    changed = true
  }
  return changed ? null : { kind: 'no-change' }
}

/** Lists into whose items some of these fields lead. */
function listsOf(fields: readonly Field[]): readonly FieldPath[] {
  return fields.flatMap(({ path }) => (path.includes(null) ? [path.slice(0, path.indexOf(null))] : []))
}

/**
 * What a merge writes: every value that is no object, and objects that are empty. A name with a dollar sign tells a strategic merge
 * what to do with the object around it, and so with all of its fields.
 */
function* changes(value: unknown, field: FieldPath, lists: readonly FieldPath[]): Iterable<Change> {
  const members = isObject(value) ? Object.entries(value) : []
  if (members.length === 0) yield { field, compares: typeof value === 'string' && isPrecondition(field), value }
  for (const [name, member] of members) {
    const isOrder = name.startsWith(ORDER)
    const at = [...field, isOrder ? name.slice(ORDER.length) : name]
    const items = isAmong(at, lists) ? itemsIn(member) : null
    if (isOrder && items?.every(hasNameAlone) === true) continue
    if (name.startsWith('$')) yield { field, compares: false }
    else if (items === null) yield* changes(member, at, lists)
    else for (const item of items) yield* inItem(item, [...at, null])
  }
}

/** kubectl sends it along with every change of an item. It changes nothing where it is the order that there is, and the admission policies see to that. */
const ORDER = '$setElementOrder/'

/** By its name the API server finds the item; one that is not there yet is for the admission policies to refuse. */
function* inItem({ name: _, ...item }: NamedItem, field: FieldPath): Iterable<Change> {
  if (Object.keys(item).length > 0) yield* changes(item, field, [])
}

interface NamedItem {
  readonly name: string
}

/** Lists of containers are merged by the names in them. */
function itemsIn(list: unknown): readonly NamedItem[] | null {
  return Array.isArray(list) && list.length > 0 && list.every(isNamed) ? list : null
}

function isNamed(item: unknown): item is NamedItem {
  return isObject(item) && Object.hasOwn(item, 'name') && typeof Reflect.get(item, 'name') === 'string'
}

function hasNameAlone(item: NamedItem): boolean {
  return Object.keys(item).length === 1
}

function isAmong(field: FieldPath, lists: readonly FieldPath[]): boolean {
  return lists.some(list => list.length === field.length && isAtOrBelow(field, list))
}

/** copy and move bring what the boundary cannot see; where from matters as little as what. */
function written({ op, path, value }: Step): Change {
  if (op === 'copy' || op === 'move') return { field: [], compares: false }
  return { field: path.map(nameAt), compares: op === 'test', ...(op === 'remove' ? {} : { value }) }
}

/** Within a list of containers a step finds the item by its place, and fails where there is none. */
function nameAt(name: string, at: number, path: readonly string[]): string | null {
  const isItem = /^(?:0|[1-9]\d{0,8})$/.test(name) && CONTAINER_LISTS.has(path[at - 1]) && at < path.length - 1
  return isItem ? null : name
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPrecondition(field: FieldPath): boolean {
  return field.length === 2 && isWithin(field, PRECONDITIONS)
}
