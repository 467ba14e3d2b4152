import { decodeText, parseJson } from '../json.ts'
import { type Fields, isBytes, type Value } from './wire.ts'

/** Reads a value that is a message, or of a simple type; undefined where it cannot be. */
type ReadInner = (type: string, value: Value) => unknown

/** Undefined for what cannot be read. */
type ReadSpecial = (fields: Fields, inner: ReadInner) => unknown

const SCHEMA = 'apiextensions/v1.JSONSchemaProps'

/** Messages that are no object in JSON: what MarshalJSON of their Go types does. */
export const SPECIAL: Readonly<Record<string, ReadSpecial>> = {
  'meta/v1.Time': fields => toTime(fields, 0),
  'meta/v1.MicroTime': fields => toTime(fields, 6),
  'meta/v1.Duration': fields => toDuration(fields),
  'meta/v1.FieldsV1': toRawJson,
  'runtime.RawExtension': toRawJson,
  'apiextensions/v1.JSON': toRawJson,
  'resource.Quantity': fields => textAt(fields, 1),
  'intstr.IntOrString': toIntOrString,
  [`${SCHEMA}OrArray`]: (fields, inner) => toChoice(fields, inner, SCHEMA),
  [`${SCHEMA}OrStringArray`]: (fields, inner) => toChoice(fields, inner, 'text'),
  [`${SCHEMA}OrBool`]: (fields, inner) => {
    const [allows = 0] = fields.get(1) ?? []
    const [schema] = fields.get(2) ?? []
    return fields.size > 2 ? undefined : schema === undefined ? inner('flag', allows) : inner(SCHEMA, schema)
  },
}

/** Of a schema (1) and a list (2) the list counts, where there is one. */
function toChoice(fields: Fields, inner: ReadInner, type: string): unknown {
  const [schema] = fields.get(1) ?? []
  const list = fields.get(2) ?? []
  if (list.length === 0) return schema === undefined ? null : inner(SCHEMA, schema)
  const read = list.map(each => inner(type, each))
  return read.includes(undefined) ? undefined : read
}

/** RFC 3339 in UTC, as Go writes it; null for none. */
function toTime(fields: Fields, digits: number): string | null | undefined {
  if (fields.size === 0) return null
  const [seconds, nanos] = [numberAt(fields, 1), numberAt(fields, 2)]
  if (seconds === undefined || nanos === undefined || nanos < 0 || nanos > 999_999_999) return undefined
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) return undefined
  const fraction = digits === 0 ? '' : `.${String(nanos).padStart(9, '0').slice(0, digits)}`
  return `${date.toISOString().slice(0, 19)}${fraction}Z`
}

/** In the largest units, as Go's Duration.String does: `1h0m30s`. */
function toDuration(fields: Fields): string | undefined {
  const nanos = numberAt(fields, 1)
  if (nanos === undefined) return undefined
  if (Math.abs(nanos) < 1e9) return nanos === 0 ? '0s' : `${nanos}ns`
  const seconds = Math.abs(nanos) / 1e9
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const rest = `${seconds % 60}s`
  const said = hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest
  return nanos < 0 ? `-${said}` : said
}

function toIntOrString(fields: Fields): number | string | undefined {
  const [type, number] = [numberAt(fields, 1), numberAt(fields, 2)]
  if (type === 0) return number !== undefined && (number | 0) === number ? number : undefined
  return type === 1 ? textAt(fields, 3) : undefined
}

function toRawJson(fields: Fields): unknown {
  const [raw, another] = fields.get(1) ?? []
  if (raw === undefined) return null
  const parsed = isBytes(raw) && another === undefined ? parseJson(raw) : null
  return parsed?.kind === 'ok' ? parsed.value : undefined
}

function numberAt(fields: Fields, number: number): number | undefined {
  const [value = 0, another] = fields.get(number) ?? []
  return typeof value === 'number' && another === undefined && Number.isSafeInteger(value) ? value : undefined
}

function textAt(fields: Fields, number: number): string | undefined {
  const [value, another] = fields.get(number) ?? []
  if (value === undefined) return ''
  return isBytes(value) && another === undefined ? (decodeText(value) ?? undefined) : undefined
}
