import { RecordError } from '../record-sink.ts'
import type { ByteWriter } from './byte-writer.ts'

/** A value that is not of its column's type. It is not quoted: it may be anything. */
export class UnfitValue extends Error {
  override readonly name = 'UnfitValue'
}

/** What a column takes, whatever it is kept as. */
export interface Kind {
  readonly base: Base
  readonly list: boolean
  readonly nullable: boolean
  /** Stands in the place of a null. */
  readonly nothing: Value
}

type Value = string | number | boolean | Uint8Array
type Put = (writer: ByteWriter, value: unknown) => void

const KINDS = {
  String: { nothing: '', put: putText },
  Bool: {
    nothing: false,
    put: (writer, value) => {
      if (typeof value !== 'boolean') throw new UnfitValue()
      writer.byte(value ? 1 : 0)
    },
  },
  UInt16: { nothing: 0, put: (writer, value) => writer.unsigned16(whole(value, 0, 65_535)) },
  UInt32: { nothing: 0, put: (writer, value) => writer.unsigned32(whole(value, 0, 4_294_967_295)) },
  Int32: { nothing: 0, put: (writer, value) => writer.signed32(whole(value, -2_147_483_648, 2_147_483_647)) },
  UInt64: { nothing: 0, put: (writer, value) => writer.integer64(whole(value, 0, Number.MAX_SAFE_INTEGER)) },
  Int64: {
    nothing: 0,
    put: (writer, value) => writer.integer64(whole(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  },
  "DateTime('UTC')": {
    nothing: '1970-01-01 00:00:00',
    put: (writer, value) => writer.unsigned32(whole(timeOf(value) / 1000, 0, 4_294_967_295)),
  },
  "DateTime64(3, 'UTC')": {
    nothing: '1970-01-01 00:00:00.000',
    put: (writer, value) => writer.integer64(timeOf(value)),
  },
} as const satisfies Record<string, { readonly nothing: Value; readonly put: Put }>

type Base = keyof typeof KINDS

/** How it is kept is the engine's affair: it takes plain values for a LowCardinality or an aggregate. Throws for a type that no table of ours has. */
export function kindOf(type: string): Kind {
  const known = SEEN.get(type)
  if (known !== undefined) return known
  const plain = inner(/^SimpleAggregateFunction\(\w+, (.*)\)$/, type)
  const item = inner(/^Array\((.*)\)$/, plain)
  const counted = inner(/^LowCardinality\((.*)\)$/, item)
  const base = inner(/^Nullable\((.*)\)$/, counted)
  if (!isBase(base)) throw new RecordError('unavailable', `columns of type ${type} are not written by this version`)
  const kind = { base, list: item !== plain, nullable: base !== counted, nothing: KINDS[base].nothing }
  SEEN.set(type, kind)
  return kind
}

const SEEN = new Map<string, Kind>()

export function putterOf(base: Base): Put {
  return KINDS[base].put
}

function inner(pattern: RegExp, type: string): string {
  return pattern.exec(type)?.[1] ?? type
}

function isBase(type: string): type is Base {
  return Object.hasOwn(KINDS, type)
}

function putText(writer: ByteWriter, value: unknown): void {
  if (value instanceof Uint8Array) writer.bytes(value)
  else if (typeof value === 'string' && value.isWellFormed()) writer.text(value)
  else throw new UnfitValue()
}

function whole(value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) throw new UnfitValue()
  return value
}

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?$/
const SECOND = 'YYYY-MM-DD hh:mm:ss'.length

/** Epoch milliseconds of `2026-11-29 10:00:00.000`, in UTC. */
function timeOf(value: unknown): number {
  if (typeof value !== 'string') throw new UnfitValue()
  const sameSecond = lastSecond.at + millisecondsOf(value)
  if (!Number.isNaN(sameSecond) && value.startsWith(lastSecond.text)) return sameSecond
  if (!TIME.test(value)) throw new UnfitValue()
  const second = value.slice(0, SECOND)
  if (second !== lastSecond.text) lastSecond = { text: second, at: Date.parse(`${second.replace(' ', 'T')}Z`) }
  if (Number.isNaN(lastSecond.at)) throw new UnfitValue()
  return lastSecond.at + Number(value.slice(SECOND + 1))
}

/** NaN where it does not end in them. */
function millisecondsOf(time: string): number {
  if (time.length !== SECOND + 4 || time[SECOND] !== '.') return Number.NaN
  let sum = 0
  for (let n = SECOND + 1; n < SECOND + 4; n += 1) {
    const digit = time.charCodeAt(n) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    sum = 10 * sum + digit
  }
  return sum
}

/** Rows that come together are of the same seconds, and reading a time is slow. */
let lastSecond = { text: '', at: Number.NaN }
