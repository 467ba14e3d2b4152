import type { SessionEvent, SessionHead } from '../../recording/session-event.ts'
import { firstHash, nextHash, openChunk } from '../chunk.ts'
import { fromBytes } from '../event-bytes.ts'
import { altered } from '../session-error.ts'
import { type EndRow, toRfc3339 } from './read-rows.ts'

export interface Reading {
  readonly head: SessionHead
  readonly key: Buffer
  readonly end: EndRow | null
  /** Rows of the first chunks from this number on; none when there are no more. */
  readonly ask: (from: number) => Promise<readonly (readonly unknown[])[]>
  readonly more: More | null
}

/** Asked where there is no chunk `next` of an open session yet. Resolves when it is to be looked for again; with false when not. */
export type More = (asked: {
  readonly next: number
  /** Why the record does not say; null: it says that there is none. */
  readonly failure: unknown
}) => Promise<boolean>

interface Chunk {
  readonly n: number
  readonly kind: string
  readonly lease: string
  readonly startedAt: string
  readonly sealed: Buffer
}

interface Sum {
  readonly hash: string
  readonly bytes: number
  readonly stored: number
}

/** All events in their order, each chunk looked at before any of it is given away. */
export async function* readChunks(reading: Reading): AsyncGenerator<SessionEvent> {
  const { head, end } = reading
  let [next, sum, isWhole]: [number, Sum, boolean] = [0, { hash: firstHash(head.auditId), bytes: 0, stored: 0 }, false]
  for await (const chunk of chunksOf(reading)) {
    if (isWhole) throw altered(head.auditId, `there is a chunk ${chunk.n} after its end`)
    if (chunk.n > next) throw altered(head.auditId, `chunk ${next} is missing`)
    if (chunk.n < next) throw altered(head.auditId, `chunk ${chunk.n} is there more than once`)
    const { text, bytes } = await open(reading, chunk)
    const before = sum
    sum = {
      hash: nextHash(sum.hash, chunk.sealed),
      bytes: sum.bytes + bytes,
      stored: sum.stored + chunk.sealed.length,
    }
    next += 1
    if (chunk.kind === 'end') isWhole = checkEnd(reading, chunk, text, before, sum)
    else yield* eventsOf(reading, chunk, text)
  }
  if (end !== null && !isWhole) throw altered(head.auditId, `chunk ${next}, of ${end.chunks}, is missing`)
}

async function* chunksOf(reading: Reading): AsyncGenerator<Chunk> {
  let { more } = reading
  for (let from = 0; ; ) {
    const rows = await rowsFrom(reading, more, from)
    for (const row of rows) {
      const chunk = toChunk(row)
      from = chunk.n + 1
      // Behind it there is nothing to wait for.
      if (chunk.kind === 'end') more = null
      yield chunk
    }
    if (rows.length === 0) return
  }
}

async function rowsFrom({ ask }: Reading, more: More | null, from: number): ReturnType<Reading['ask']> {
  for (;;) {
    const { rows, failure } = await ask(from).then(
      rows => ({ rows, failure: null }),
      (failure: unknown) => ({ rows: [], failure }),
    )
    if (rows.length > 0) return rows
    if (more !== null && (await more({ next: from, failure }))) continue
    if (failure !== null) throw failure
    return rows
  }
}

function toChunk(row: readonly unknown[]): Chunk {
  const [n, kind = '', lease = '', startedAt, sealed = ''] = row.map(String)
  return { n: Number(n), kind, lease, startedAt: toRfc3339(startedAt), sealed: Buffer.from(sealed, 'base64') }
}

/** What the seal says of a session's end; null while there is none. Rejects when it was altered. */
export async function readLast(reading: Reading, rows: readonly (readonly unknown[])[]): Promise<Said | null> {
  const [row, ...others] = rows
  if (row === undefined) return null
  if (others.length > 0) throw altered(reading.head.auditId, 'its last chunk is there more than once')
  return JSON.parse((await open(reading, toChunk(row))).text.toString()) as Said
}

interface Said {
  readonly at: string
  readonly why: string
  /** Before this one. */
  readonly chunks: number
  readonly hash: string
}

async function open({ head, key }: Reading, { n, kind, lease, startedAt, sealed }: Chunk) {
  const isKnown = kind === 'events' || kind === 'gap' || kind === 'end'
  const isOurs = lease === head.lease && startedAt === head.startedAt
  const chunk = isKnown && isOurs ? openChunk(key, { auditId: head.auditId, kind, n }, sealed) : null
  const text = chunk === null ? null : await chunk.unpack()
  if (text === null) throw altered(head.auditId, `chunk ${n} was altered, or is not this chunk`)
  return { text, bytes: kind === 'events' ? text.length : 0 }
}

function eventsOf({ head }: Reading, { n, kind }: Chunk, text: Buffer): readonly SessionEvent[] {
  if (kind === 'gap') {
    const { why } = JSON.parse(text.toString()) as { readonly why: string }
    throw altered(head.auditId, `chunk ${n} was ${why} before it was in the record`)
  }
  const events = fromBytes(text)
  if (events === null) throw altered(head.auditId, `chunk ${n} cannot be read`)
  return events
}

/** What the end says inside the seal and outside of it, against what was read. */
function checkEnd({ head, end }: Reading, { n }: Chunk, text: Buffer, before: Sum, after: Sum): true {
  const said = JSON.parse(text.toString()) as Said
  const isSame = said.chunks === n && said.hash === before.hash
  if (!isSame) throw altered(head.auditId, 'its chunks are not those that it ended with')
  if (end === null) return true
  const isSaid = end.lease === head.lease && end.startedAt === head.startedAt && end.why === said.why
  const isCounted = end.chunks === n + 1 && end.bytes === after.bytes && end.stored === after.stored
  if (!isSaid || !isCounted || end.hash !== after.hash || Date.parse(end.at) !== Date.parse(said.at))
    throw altered(head.auditId, 'its end in the record is not the one that it had')
  return true
}
