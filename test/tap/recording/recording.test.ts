import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listensOn } from '../../../local/process/listens-on.ts'
import { RecordError, type RecordSink, type Row } from '../../../src/record/record-sink.ts'
import { LEFT } from '../../../src/session/store/spool/take-over.ts'
import type { RecorderConfig } from '../../../src/tap/recording/orders.ts'
import { Recording } from '../../../src/tap/recording/recording.ts'
import { begin, KINDS, running, toBody } from '../../recorder/a-session.ts'
import { aRing, keyFile, quiet } from '../../session/store/a-store.ts'
import { onChannel } from '../../session/tunnel/wire.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { stretched, until } from '../../support/until.ts'

const [WEBSOCKET] = KINDS
/** Two seconds, and what a machine under load takes more. */
const IN_TIME_MS = 4000
/** Long enough to see that nothing begins meanwhile. */
const PAUSE_MS = 4000

let folder: string
let keys: string
let boundary: TestBoundary
let recording: Recording
const rows: Row[] = []
let isAway = false

const record: RecordSink = {
  write: async given => {
    if (isAway) throw new RecordError('unavailable', 'the record is away')
    rows.push(...given)
  },
}

async function open(
  socket: string,
  change: Partial<RecorderConfig> = {},
  program = 'mortal-recorder.ts',
): Promise<Recording> {
  const opened = await Recording.open({
    log: quiet,
    limits: { backoffMs: [PAUSE_MS, PAUSE_MS], lookEveryMs: 50 },
    program: new URL(program, import.meta.url),
    config: {
      logLevel: 'error',
      recorderListen: { kind: 'unix', path: socket },
      ...{ tlsCertFile: null, tlsKeyFile: null, tlsClientCaFile: null, tlsClientName: '' },
      sessionInputs: 'kept',
      sessionCommands: 'sealed',
      sessionsDirectory: join(folder, 'spool'),
      sessionsSpool: 64,
      sessionKeyFile: keys,
      sessionKeyCommand: null,
      ...change,
    },
  })
  if (opened === null) throw new Error('nothing is recorded')
  return opened
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-recording-'))
  keys = await keyFile(folder, aRing())
  boundary = await startBoundary({
    startRecorder: async socket => {
      recording = await open(socket)
      await recording.begin(record)
    },
  })
})
beforeEach(() => {
  rows.length = 0
  isAway = false
})
afterAll(async () => {
  await boundary.stop()
  await recording.stopListening(0)
  await recording.stop(1000)
  await rm(folder, { recursive: true, force: true })
})

const die = () => connect(join(folder, 'spool.dies')).on('error', () => undefined)
const endOf = (id: string) =>
  rows.find(({ table, values }) => table === 'session_ends' && values['audit_id'] === id)?.values

describe('Recording', () => {
  test('brings sessions into the record of the tap, also after that was away', async () => {
    isAway = true
    const { stream, id, target, delivered } = await running(boundary, WEBSOCKET)
    boundary.upstream.write(target, onChannel(1, 'shown'))
    await until('it to be delivered', () => delivered().includes('shown'))
    stream.leave()
    isAway = false
    await until('its end in the record', () => endOf(id)?.['why'] === 'closed')
    expect(recording.failingSeconds).toBe(0)
  })

  test('ends its sessions when its thread dies, lets none begin, and goes on with another thread', async () => {
    const sessions = await Promise.all(KINDS.map(kind => running(boundary, kind)))
    const from = performance.now()
    die()
    await until('the end', () => sessions.every(({ stream }) => stream.isOver()))
    expect(performance.now() - from).toBeLessThan(stretched(IN_TIME_MS))
    boundary.upstream.seen.length = 0
    const { stream } = begin(boundary, WEBSOCKET)
    await until('the refusal', () => /^HTTP\/1\.1 50[034]/.test(stream.text()) && toBody(stream).endsWith('\n'))
    expect(boundary.upstream.seen).toEqual([])
    expect(recording.failingSeconds).toBeGreaterThan(0)
    stream.leave()
    const again = await running(boundary, WEBSOCKET)
    again.stream.leave()
    expect(recording.failingSeconds).toBe(0)
    await until('what was left to be ended', () => sessions.every(({ id }) => endOf(id)?.['why'] === LEFT))
  })

  test('does not start without its keys, and says so', async () => {
    const started = open(join(folder, 'no.sock'), { sessionsDirectory: join(folder, 'no'), sessionKeyFile: null })
    await expect(started).rejects.toThrow('set LEASEGATE_SESSION_KEY_FILE or LEASEGATE_SESSION_KEY_COMMAND')
  })

  test('takes nothing as written before it has a record', async () => {
    const started = open(join(folder, 'no.sock'), { sessionsDirectory: join(folder, 'no') }, 'hasty-recorder.ts')
    await expect(started).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('listens for its user alone, and no more once it was told to stop', async () => {
    const socket = join(folder, 'own.sock')
    const own = await open(socket, { sessionsDirectory: join(folder, 'own') })
    await own.begin(record)
    expect(await listensOn(socket)).toBe(true)
    expect((await stat(socket)).mode & 0o777).toBe(0o600)
    await own.stopListening(0)
    await own.stop(1000)
    expect(await listensOn(socket)).toBe(false)
  })
})
