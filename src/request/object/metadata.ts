import { decodeText } from './json.ts'
import type { Step } from './json-patch.ts'
import { type Fields, isBytes, readFields } from './protobuf/wire.ts'
import type { SentObject } from './sent-object.ts'

/** What the body says about the object's identity; '' where it says nothing. */
export interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly generateName: string
  readonly uid: string
  readonly resourceVersion: string
}

const NOTHING: Metadata = { name: '', namespace: '', generateName: '', uid: '', resourceVersion: '' }

/** ObjectMeta has the same place in every kind, and these have the same numbers in it. */
const OBJECT_META = 1
const NUMBERS = { name: 1, generateName: 2, namespace: 3, uid: 5, resourceVersion: 6 } as const

/** Null when it cannot be told. */
export function metadataOf(object: SentObject): Metadata | null {
  switch (object.kind) {
    case 'none':
      return NOTHING
    case 'plain':
      return inMember(object.value['metadata'])
    case 'steps':
      return afterSteps(object.steps)
    case 'protobuf':
      return inProtobuf(object.fields)
    case 'unreadable':
      return null
  }
}

function inMember(metadata: unknown): Metadata | null {
  if (metadata === undefined || metadata === null) return NOTHING
  if (typeof metadata !== 'object' || Array.isArray(metadata)) return null
  return complete(field => Reflect.get(metadata, field) ?? '')
}

function inProtobuf(fields: Fields): Metadata | null {
  const [given, another] = fields.get(OBJECT_META) ?? []
  if (given === undefined) return NOTHING
  // Two of them would be merged.
  const meta = isBytes(given) && another === undefined ? readFields(given) : null
  if (meta === null) return null
  return complete(field => {
    if (!meta.has(NUMBERS[field])) return ''
    const [value, second] = meta.get(NUMBERS[field]) ?? []
    return isBytes(value) && second === undefined ? decodeText(value) : null
  })
}

/** What the steps leave in the end, as far as they write it themselves. */
function afterSteps(steps: readonly Step[]): Metadata | null {
  let left: Metadata | null = NOTHING
  for (const step of steps) {
    if (left === null) return null
    left = afterStep(left, step)
  }
  return left
}

function afterStep(before: Metadata, { op, path, from, value }: Step): Metadata | null {
  if (op === 'test') return before
  if (op === 'copy' || op === 'move') return isIdentity(path) || isIdentity(from) ? null : before
  if (!isIdentity(path)) return before
  const [, field] = path
  const written = op === 'remove' ? null : value
  if (path.length === 0) return inMember(typeof written === 'object' ? Reflect.get(written ?? {}, 'metadata') : 0)
  if (field === undefined) return inMember(written)
  return complete(each => (each === field ? (written ?? '') : before[each]))
}

/** The object, its metadata, or a member of that. */
function isIdentity([first, second, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true
  return first === 'metadata' && rest.length === 0 && (second === undefined || Object.hasOwn(NUMBERS, second))
}

/** Null when a member is no text. */
function complete(textOf: (field: keyof Metadata) => unknown): Metadata | null {
  const texts: Record<keyof Metadata, string> = { ...NOTHING }
  for (const field of Object.keys(NUMBERS) as (keyof Metadata)[]) {
    const value = textOf(field)
    if (typeof value !== 'string') return null
    texts[field] = value
  }
  return texts
}
