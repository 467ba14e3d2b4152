import type { ApiRequest } from '../../request/api-request.ts'
import { decodeText } from '../../request/object/json.ts'
import { type Fields, isBytes, messagesAt } from '../../request/object/protobuf/wire.ts'
import type { SentObject } from '../../request/object/sent-object.ts'

/** ResourceAttributes and NonResourceAttributes of authorization.k8s.io/v1, with their names and empty strings. */
export interface ResourceAttributes {
  readonly namespace: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly fieldSelector: string
}
export interface PathAttributes {
  readonly path: string
  readonly verb: string
}

/** What a client asks about itself. */
export type Review =
  | { readonly kind: 'resource'; readonly attributes: ResourceAttributes }
  | { readonly kind: 'path'; readonly attributes: PathAttributes }
  | { readonly kind: 'rules'; readonly namespace: string }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Not what the API server takes for a review: it says so itself. */
  | { readonly kind: 'invalid' }

/** All texts of a review together. They are judged many times and said again in the answer, and no request has a longer path. */
const MAX_LENGTH = 8192

/** Field numbers (k8s.io/api, authorization/v1 generated.proto). */
const SPEC = 2
const RESOURCE = { namespace: 1, verb: 2, group: 3, resource: 5, subresource: 6, name: 7 } as const
const PATH = { path: 1, verb: 2 } as const
const FIELD_SELECTOR = { message: 8, raw: 1 } as const

/** Reads a SelfSubjectAccessReview or SelfSubjectRulesReview as the API server will. */
export function readReview({ info, object }: Pick<ApiRequest, 'info' | 'object'>): Review {
  if (object.kind === 'unreadable') return object
  const spec = specOf(object)
  if (spec === null) return { kind: 'invalid' }
  const review = info.resource === 'selfsubjectrulesreviews' ? readRules(spec) : readAccess(spec)
  return lengthOf(review) > MAX_LENGTH
    ? { kind: 'unreadable', why: `it says more than ${MAX_LENGTH} characters` }
    : review
}

function lengthOf(review: Review): number {
  if (review.kind === 'rules') return review.namespace.length
  if (review.kind !== 'resource' && review.kind !== 'path') return 0
  return Object.values(review.attributes).join('').length
}

/** A message of either encoding, by name and by number; null for what is of another type. */
interface Message {
  readonly text: (name: string, number: number) => string | null
  /** Undefined where it is not there. */
  readonly message: (name: string, number: number) => Message | null | undefined
}

function specOf(object: SentObject): Message | null {
  switch (object.kind) {
    case 'plain':
      return inJson(object.value).message('spec', SPEC) ?? null
    case 'protobuf':
      return inProtobuf(object.fields).message('spec', SPEC) ?? null
    default:
      return null
  }
}

function readRules(spec: Message): Review {
  const namespace = spec.text('namespace', 1)
  return namespace === null || namespace === '' ? { kind: 'invalid' } : { kind: 'rules', namespace }
}

function readAccess(spec: Message): Review {
  const resource = spec.message('resourceAttributes', 1)
  const path = spec.message('nonResourceAttributes', 2)
  // Exactly one of them.
  if (resource != null && path === undefined) {
    const attributes = texts(resource, RESOURCE)
    const fieldSelector = resource
      .message('fieldSelector', FIELD_SELECTOR.message)
      ?.text('rawSelector', FIELD_SELECTOR.raw)
    return attributes === null
      ? { kind: 'invalid' }
      : { kind: 'resource', attributes: { ...attributes, fieldSelector: fieldSelector ?? '' } }
  }
  const attributes = path != null && resource === undefined ? texts(path, PATH) : null
  return attributes === null ? { kind: 'invalid' } : { kind: 'path', attributes }
}

function texts<K extends string>(message: Message, fields: Readonly<Record<K, number>>): Record<K, string> | null {
  const read = Object.entries<number>(fields).map(([name, number]) => [name, message.text(name, number)] as const)
  return read.every(([, text]) => text !== null) ? (Object.fromEntries(read) as Record<K, string>) : null
}

function inJson(object: object): Message {
  const own = (name: string): unknown => (Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined)
  return {
    text: name => {
      const value = own(name) ?? ''
      return typeof value === 'string' ? value : null
    },
    message: name => {
      const value = own(name) ?? undefined
      if (value === undefined) return undefined
      return typeof value === 'object' && !Array.isArray(value) ? inJson(value as object) : null
    },
  }
}

/** What is said twice would be merged, or the last would count: it is not read. */
function inProtobuf(fields: Fields): Message {
  return {
    text: (_, number) => {
      const [value, second] = fields.get(number) ?? []
      if (value === undefined) return ''
      return isBytes(value) && second === undefined ? decodeText(value) : null
    },
    message: (_, number) => {
      const messages = messagesAt(fields, [number])
      const [only, second] = messages ?? [null]
      if (only === undefined) return undefined
      return only === null || second !== undefined ? null : inProtobuf(only)
    },
  }
}
