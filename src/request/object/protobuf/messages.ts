import type { RequestInfo } from '../../api-request.ts'
import table from './messages.json' with { type: 'json' }

/** A field of a message, as it stands in JSON. */
export interface Field {
  /** `...` where the message's fields stand in its parent, `-` where it has no name: a list that is a message. */
  readonly name: string
  /** `text`, `flag`, `int32`, `int64`, `double`, `bytes` or a message. */
  readonly type: string
  readonly holds: 'one' | 'list' | 'map'
  /** Sent in any case, and left out of JSON where it says nothing. */
  readonly isOmitted: boolean
}

export type Message = ReadonlyMap<number, Field>

/**
 * Kubernetes' own messages: numbers and types of their fields from generated.proto of k8s.io/api, apimachinery,
 * apiextensions-apiserver and kube-aggregator 0.36, names from the tags of the Go types (all Apache-2.0). Written by
 * `node test/request/object/protobuf/write-messages.ts`; a test compares it with the modules that the API server is built with.
 */
const MESSAGES: Readonly<Record<string, string>> = table.messages
/** What they are called by group and version. */
const GROUPS: Readonly<Record<string, string>> = table.groups

const parsed = new Map<string, Message>()

export function messageOf(type: string): Message | null {
  const known = parsed.get(type)
  if (known !== undefined) return known
  if (!Object.hasOwn(MESSAGES, type)) return null
  const text = MESSAGES[type] ?? ''
  const message = new Map(text === '' ? [] : text.split(', ').map(toField))
  parsed.set(type, message)
  return message
}

const HOLDS: ReadonlyMap<string, Field['holds']> = new Map([
  ['*', 'list'],
  ['%', 'map'],
])

function toField(line: string): readonly [number, Field] {
  const [, number, name = '', type = '', mark = ''] = /^(\d+) (\S+) ([\w./]+)([*%?]?)$/.exec(line) ?? []
  return [Number(number), { name, type, holds: HOLDS.get(mark) ?? 'one', isOmitted: mark === '?' }]
}

/** A kind as objects name it, and its message. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly message: string
}

/** Subresources to which another kind is sent than that of their resource. */
const BY_SUBRESOURCE: Readonly<Record<string, readonly [groupVersion: string, kind: string]>> = {
  'pods/eviction': ['policy/v1', 'Eviction'],
  'pods/binding': ['/v1', 'Binding'],
  'serviceaccounts/token': ['authentication.k8s.io/v1', 'TokenRequest'],
}

/** What is sent to a resource: the API server takes no other kind there. Null for those of others. */
export function kindSentTo({ apiGroup, apiVersion, resource, subresource }: RequestInfo): Kind | null {
  if (subresource === 'scale') return toKind('autoscaling/v1', 'Scale')
  const [groupVersion, kind] = BY_SUBRESOURCE[`${resource}/${subresource}`] ?? []
  if (groupVersion !== undefined && kind !== undefined) return toKind(groupVersion, kind)
  return kinds().get(`${apiGroup}/${apiVersion} ${resource}`) ?? null
}

export const DELETE_OPTIONS = 'meta/v1.DeleteOptions'

let byResource: ReadonlyMap<string, Kind> | null = null

/** By group, version and resource. */
function kinds(): ReadonlyMap<string, Kind> {
  byResource ??= new Map(
    Object.entries(GROUPS).flatMap(([groupVersion, alias]) =>
      Object.keys(MESSAGES)
        .filter(message => message.startsWith(`${alias}.`) && hasMetadata(message))
        .map(message => message.slice(alias.length + 1))
        .map(kind => [`${groupVersion} ${resourceOf(kind)}`, toKind(groupVersion, kind)] as const),
    ),
  )
  return byResource
}

/** Objects begin with it; parts of objects may have it as well, and are no resource. */
function hasMetadata(message: string): boolean {
  return MESSAGES[message]?.startsWith('1 metadata meta/v1.ObjectMeta') === true
}

function toKind(groupVersion: string, kind: string): Kind {
  return { apiVersion: groupVersion.replace(/^\//, ''), kind, message: `${GROUPS[groupVersion]}.${kind}` }
}

/** UnsafeGuessKindToResource of k8s.io/apimachinery (pkg/api/meta), which is right for all of Kubernetes' own. */
function resourceOf(kind: string): string {
  const name = kind.toLowerCase()
  if (name.endsWith('endpoints')) return name
  if (name.endsWith('s')) return `${name}es`
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`
}
