import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouse } from '../../../src/record/clickhouse.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import type { RecordSink } from '../../../src/record/record-sink.ts'
import type { SessionEvent, SessionHead } from '../../../src/session/recording/session-event.ts'
import { type KeyRing, keysOf, parseKeyFile, withNewKey } from '../../../src/session/store/keys/key-file.ts'
import { createSessionSource, type SessionSource } from '../../../src/session/store/reading/session-source.ts'
import { Shipper } from '../../../src/session/store/shipping/shipper.ts'
import { Spool } from '../../../src/session/store/spool/spool.ts'
import { openSpoolSessionSink, type SpoolSessionSink } from '../../../src/session/store/spool/spool-session-sink.ts'
import { createLogger } from '../../../src/support/logger.ts'

export const quiet = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })

export function aHead(change: Partial<SessionHead> = {}): SessionHead {
  return {
    auditId: `a-${randomBytes(6).toString('hex')}`,
    lease: 'lse_1',
    startedAt: new Date().toISOString(),
    verb: 'exec',
    protocol: 'v5.channel.k8s.io',
    tty: true,
    ...change,
  }
}

export function output(text: string | Uint8Array, atMs = 0): SessionEvent {
  return { atMs, kind: 'output', bytes: Buffer.from(text) }
}

export function aRing(older: KeyRing | readonly [] = []): KeyRing {
  const parsed = parseKeyFile(withNewKey(older).text)
  if (parsed.kind === 'problem') throw new Error(parsed.message)
  return parsed.value
}

export async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'leasegate-sessions-'))
}

/** A tap's part in this: what it records, and what it brings into the record. */
export interface Store {
  readonly spool: Spool
  readonly sink: SpoolSessionSink
  ship(sink: RecordSink): Shipper
}

export async function openStore(folder: string, ring: () => KeyRing, mostBytes = 64 * 2 ** 20): Promise<Store> {
  const spool = await Spool.open(folder, mostBytes)
  const sink = await openSpoolSessionSink(spool, keysOf(ring), quiet)
  return {
    spool,
    sink,
    ship: inner => new Shipper({ spool, keys: keysOf(ring), sink: inner, log: quiet, everyMs: 20 }),
  }
}

export function sourceOf({ reader }: ClickHouse, ring: KeyRing): SessionSource {
  return createSessionSource(
    createQueryRunner(reader),
    keysOf(() => ring),
  )
}

/** All of it, and whether it has ended. */
export async function readAll(source: SessionSource, auditId: string) {
  const session = await source.open(auditId)
  if (session === null) return null
  const events: SessionEvent[] = []
  for await (const event of session.events()) events.push(event)
  const text = Buffer.concat(events.filter(({ kind }) => kind === 'output').map(({ bytes }) => bytes)).toString()
  return { head: session.head, ended: session.ended, events, text }
}

export const recordOf = ({ writer }: ClickHouse): RecordSink => createClickHouseSink(writer)

export async function keyFile(folder: string, ring: KeyRing): Promise<string> {
  const path = join(folder, 'session.keys.json')
  const keys = ring.map(({ key }) => key.toString('base64url'))
  await writeFile(path, JSON.stringify({ keys }), { mode: 0o600 })
  return path
}

export const remove = (folder: string) => rm(folder, { recursive: true, force: true })
