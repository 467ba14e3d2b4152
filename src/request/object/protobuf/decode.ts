import { decodeText, MAX_DEPTH, MAX_PARTS } from '../json.ts'
import type { PlainObject } from '../sent-object.ts'
import { type Field, type Message, messageOf } from './messages.ts'
import { SPECIAL } from './special.ts'
import { type Fields, type Fixed, isBytes, readFields, type Value } from './wire.ts'

interface Left {
  parts: number
  depth: number
}

/**
 * A message with the names that it has in JSON, and nothing in it that JSON would leave out. Null for what cannot be read to the end
 * or in two ways: a field that is not known here, one that comes twice and would be merged, a number that Go would cut.
 */
export function decodeMessage(type: string, fields: Fields): PlainObject | null {
  const plain = toObject(type, fields, { parts: MAX_PARTS, depth: MAX_DEPTH })
  return isObject(plain) ? plain : null
}

/** What cannot be read; null is a value. */
const UNREADABLE = Symbol('unreadable')

function toObject(type: string, fields: Fields, left: Left): unknown {
  const message = messageOf(type)
  if (message === null || left.depth === 0) return UNREADABLE
  left.depth -= 1
  const read = readMembers(message, fields, left)
  left.depth += 1
  if (read === null) return UNREADABLE
  return message.get(1)?.name === '-' && message.get(1)?.holds === 'list' ? (read['-'] ?? []) : read
}

function readMembers(message: Message, fields: Fields, left: Left): PlainObject | null {
  const members: [string, unknown][] = []
  for (const [number, values] of fields) {
    const field = message.get(number)
    left.parts -= values.length
    if (field === undefined || left.parts < 0 || (values.length > 1 && field.holds === 'one')) return null
    const value = toMember(field, values, left)
    if (value === UNREADABLE) return null
    if (field.isOmitted && saysNothing(value)) continue
    if (field.name !== '...') members.push([field.name, value])
    else if (isObject(value)) members.push(...Object.entries(value))
  }
  const plain = Object.fromEntries(members)
  // A message within its parent has names of its own.
  return Object.keys(plain).length === members.length ? plain : null
}

function toMember({ type, holds }: Field, values: readonly Value[], left: Left): unknown {
  if (holds === 'one') return values[0] === undefined ? UNREADABLE : toValue(type, values[0], left)
  if (holds === 'map') return toMap(type, values, left)
  const list: unknown[] = []
  for (const value of values) {
    const read = toValue(type, value, left)
    if (read === UNREADABLE) return UNREADABLE
    list.push(read)
  }
  return list
}

function toValue(type: string, value: Value, left: Left): unknown {
  if (typeof value === 'number') return toNumber(type, value)
  if (!isBytes(value)) return toDouble(type, value)
  switch (type) {
    case 'flag':
    case 'int32':
    case 'int64':
    case 'double':
      return UNREADABLE
    case 'text':
      return decodeText(value) ?? UNREADABLE
    case 'bytes':
      return Buffer.from(value).toString('base64')
  }
  const fields = readFields(value)
  if (fields === null) return UNREADABLE
  const special = SPECIAL[type]
  if (special === undefined) return toObject(type, fields, left)
  const read = special(fields, (inner, bytes) => {
    const found = toValue(inner, bytes, left)
    return found === UNREADABLE ? undefined : found
  })
  return read === undefined ? UNREADABLE : read
}

function toNumber(type: string, value: number): unknown {
  if (type === 'flag') return value !== 0
  const fits = type === 'int32' ? (value | 0) === value : type === 'int64' && Number.isSafeInteger(value)
  return fits ? value : UNREADABLE
}

function toDouble(type: string, { fixed }: Fixed): unknown {
  return type === 'double' && fixed.length === 8 ? Buffer.from(fixed).readDoubleLE() : UNREADABLE
}

/** Entries with a key (1), a text, and a value (2). Of two with one key the last would count. */
function toMap(type: string, entries: readonly Value[], left: Left): unknown {
  const members = new Map<string, unknown>()
  for (const entry of entries) {
    const fields = isBytes(entry) ? readFields(entry) : null
    const [key = EMPTY, anotherKey] = fields?.get(1) ?? []
    const [value = EMPTY, another] = fields?.get(2) ?? []
    const known = [...(fields?.keys() ?? [])].every(number => number <= 2)
    if (fields === null || !known || anotherKey !== undefined || another !== undefined) return UNREADABLE
    const name = isBytes(key) ? decodeText(key) : null
    const read = toValue(type, value, left)
    if (name === null || members.has(name) || read === UNREADABLE) return UNREADABLE
    members.set(name, read)
  }
  return Object.fromEntries(members)
}

const EMPTY = new Uint8Array()

/** What Go leaves out of JSON, and structures without anything in them. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true
  return isObject(value) && Object.keys(value).length === 0
}

function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
