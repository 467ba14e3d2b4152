import { decodeText } from '../../request/object/json.ts'
import { type Fields, readFields } from '../../request/object/protobuf.ts'
import type { PlainObject } from '../../request/object/sent-object.ts'
import { MESSAGE_OF, MESSAGES } from './messages.ts'

interface Field {
  readonly name: string
  readonly type: string
  readonly repeats: boolean
}

type Value = Uint8Array | number

/** Fields of the largest workload that anybody has; each takes time that others wait for. */
const MAX_FIELDS = 20_000

const TABLES: ReadonlyMap<string, ReadonlyMap<number, Field>> = new Map(
  Object.entries(MESSAGES).map(([message, fields]) => [message, new Map(fields.split(',').map(toField))]),
)

/**
 * An object of this resource with the names that it has in JSON, as far as it leads to pods. Null for what cannot be read to the end:
 * another resource, a field that is not known here, one that comes twice and would be merged.
 */
export function fromProtobuf(resource: string, fields: Fields): PlainObject | null {
  const message = Object.hasOwn(MESSAGE_OF, resource) ? MESSAGE_OF[resource] : undefined
  return message === undefined ? null : toObject(message, fields, { left: MAX_FIELDS })
}

function toObject(message: string, fields: Fields, budget: { left: number }): PlainObject | null {
  const plain: Record<string, unknown> = {}
  for (const [number, values] of fields) {
    const field = TABLES.get(message)?.get(number)
    budget.left -= values.length
    if (field === undefined || budget.left < 0 || (values.length > 1 && !field.repeats)) return null
    const read = toMember(field, values, budget)
    if (read === undefined) return null
    if (field.name === '...') Object.assign(plain, read)
    else plain[field.name] = read
  }
  return plain
}

/** Undefined for what cannot be read. */
function toMember({ type, repeats }: Field, values: readonly Value[], budget: { left: number }): unknown {
  if (type === 'texts') return toTexts(values)
  const read: unknown[] = []
  for (const value of values) {
    const one = toValue(type, value, budget)
    if (one === undefined) return undefined
    read.push(one)
  }
  return repeats ? read : read[0]
}

function toValue(type: string, value: Value, budget: { left: number }): unknown {
  switch (type) {
    case 'any':
      return {}
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'flag':
      return typeof value === 'number' ? value !== 0 : undefined
    case 'text':
      return typeof value === 'number' ? undefined : (decodeText(value) ?? undefined)
    default: {
      const inner = typeof value === 'number' ? null : readFields(value)
      return inner === null ? undefined : (toObject(type, inner, budget) ?? undefined)
    }
  }
}

/** A map of texts: entries with a key (1) and a value (2). Undefined where a key comes twice. */
function toTexts(entries: readonly Value[]): PlainObject | undefined {
  const texts = new Map<string, string>()
  for (const entry of entries) {
    const fields = typeof entry === 'number' ? null : readFields(entry)
    const [key, value] = [1, 2].map(number => onlyText(fields?.get(number)))
    if (fields === null || key === undefined || value === undefined || texts.has(key)) return undefined
    texts.set(key, value)
  }
  return Object.fromEntries(texts)
}

function onlyText(values: readonly Value[] = []): string | undefined {
  const [value, another] = values
  if (value === undefined) return ''
  return another !== undefined || typeof value === 'number' ? undefined : (decodeText(value) ?? undefined)
}

function toField(line: string): readonly [number, Field] {
  const [number = '', name = '', type = ''] = line.trim().split(' ')
  return [Number(number), { name, type: type.replace('*', ''), repeats: type.endsWith('*') }]
}
