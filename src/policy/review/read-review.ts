import type { ApiRequest } from '../../request/api-request.ts'
import type { PlainObject } from '../../request/object/sent-object.ts'

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

const RESOURCE = ['namespace', 'verb', 'group', 'resource', 'subresource', 'name'] as const
const PATH = ['path', 'verb'] as const

/** Reads a SelfSubjectAccessReview or SelfSubjectRulesReview as the API server will. */
export function readReview({ info, object }: Pick<ApiRequest, 'info' | 'object'>): Review {
  if (object.kind === 'unreadable') return object
  // The API server may make something of it: of two values the last, of a message twice both.
  if (object.kind === 'protobuf')
    return { kind: 'unreadable', why: 'its protobuf is of another kind or version, or says a thing twice' }
  const spec = object.kind === 'plain' ? messageIn(object.value, 'spec') : null
  if (spec === null || spec === undefined) return { kind: 'invalid' }
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

function readRules(spec: PlainObject): Review {
  const namespace = textIn(spec, 'namespace')
  return namespace === null || namespace === '' ? { kind: 'invalid' } : { kind: 'rules', namespace }
}

function readAccess(spec: PlainObject): Review {
  const resource = messageIn(spec, 'resourceAttributes')
  const path = messageIn(spec, 'nonResourceAttributes')
  // Exactly one of them.
  if (resource != null && path === undefined) {
    const attributes = textsIn(resource, RESOURCE)
    const selector = messageIn(resource, 'fieldSelector')
    const fieldSelector = (selector == null ? null : textIn(selector, 'rawSelector')) ?? ''
    return attributes === null
      ? { kind: 'invalid' }
      : { kind: 'resource', attributes: { ...attributes, fieldSelector } }
  }
  const attributes = path != null && resource === undefined ? textsIn(path, PATH) : null
  return attributes === null ? { kind: 'invalid' } : { kind: 'path', attributes }
}

function textsIn<K extends string>(object: PlainObject, names: readonly K[]): Record<K, string> | null {
  const read = names.map(name => [name, textIn(object, name)] as const)
  return read.every(([, text]) => text !== null) ? (Object.fromEntries(read) as Record<K, string>) : null
}

/** Null for what is of another type, here and below. */
function textIn(object: PlainObject, name: string): string | null {
  const value = own(object, name) ?? ''
  return typeof value === 'string' ? value : null
}

/** Undefined where it is not there. */
function messageIn(object: PlainObject, name: string): PlainObject | null | undefined {
  const value = own(object, name) ?? undefined
  if (value === undefined) return undefined
  return typeof value === 'object' && !Array.isArray(value) ? (value as PlainObject) : null
}

function own(object: PlainObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
