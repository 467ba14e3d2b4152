import { decodeText } from '../json.ts'
import { type Fields, isBytes, readFields } from './wire.ts'

/** First bytes of every object in Kubernetes' protobuf (k8s.io/apimachinery, runtime/serializer/protobuf). */
const MAGIC = Buffer.from('k8s\0')

/** Of the message runtime.Unknown. */
const TYPE_META = 1
const RAW = 2

/** An object as it is sent. */
export interface Envelope {
  /** What it says of its type, '' where it leaves that to the path; null when that cannot be read. */
  readonly type: { readonly apiVersion: string; readonly kind: string } | null
  /** Of the object itself. */
  readonly fields: Fields
}

/** Null when there is not exactly one object, or it cannot be read. */
export function openEnvelope(bytes: Uint8Array): Envelope | null {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return null
  const unknown = readFields(bytes.subarray(MAGIC.length))
  // Of two the API server takes the last.
  const [raw, another] = unknown?.get(RAW) ?? []
  if (unknown === null || !isBytes(raw) || another !== undefined) return null
  const fields = readFields(raw)
  return fields === null ? null : { type: readType(unknown), fields }
}

function readType(unknown: Fields): Envelope['type'] {
  const [meta, another] = unknown.get(TYPE_META) ?? []
  if (meta === undefined) return { apiVersion: '', kind: '' }
  const fields = isBytes(meta) && another === undefined ? readFields(meta) : null
  const [apiVersion, kind] = [1, 2].map(number => textAt(fields, number))
  return apiVersion === undefined || kind === undefined ? null : { apiVersion, kind }
}

const NOTHING = new Uint8Array()

function textAt(fields: Fields | null, number: number): string | undefined {
  const [value, another] = fields?.get(number) ?? [NOTHING]
  return fields !== null && another === undefined && isBytes(value) ? (decodeText(value) ?? undefined) : undefined
}
