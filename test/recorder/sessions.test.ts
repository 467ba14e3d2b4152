import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OpenStream } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'
import { type RecordedBoundary, startRecordedBoundary } from './a-recorded-boundary.ts'
import { attempted, endOf, KINDS, type Kind, POD, running } from './a-session.ts'
import { bytesOf } from './memory-sink.ts'
import { ADDED, STATUS, WITH_MORE } from './raw-decoder.ts'

let boundary: RecordedBoundary
const open: OpenStream[] = []

beforeAll(async () => {
  boundary = await startRecordedBoundary()
})
beforeEach(() => {
  boundary.script.reset()
  boundary.sink.reset()
  boundary.summaries.length = 0
})
afterEach(() => ended())

async function ended(): Promise<void> {
  for (const stream of open.splice(0)) stream.leave()
  await until('all recordings to end', () => boundary.recorder().sessions() === 0)
}

afterAll(() => boundary.stop())

async function start(kind: Kind, path?: string) {
  const session = await running(boundary, kind, path)
  open.push(session.stream)
  return session
}

describe.each(KINDS)('a session $name', kind => {
  test('is recorded with what went both ways, and with its end', async () => {
    const { stream, id, delivered, target } = await start(kind)
    stream.write('ls\n')
    await until('the echo', () => delivered() === 'ls\n')
    boundary.upstream.end(target, Buffer.concat([Buffer.from('bye'), STATUS]))
    await until('the end', () => stream.isOver() && boundary.summaries.length === 1)
    expect(delivered()).toBe(`ls\nbye${STATUS}`)
    const kept = boundary.sink.of(id)
    expect(kept.head).toMatchObject({ lease: 'lse_test', verb: 'exec', tty: true, protocol: kind.protocol })
    expect(bytesOf(kept, 'input').toString()).toBe('ls\n')
    expect(bytesOf(kept, 'output').toString()).toBe('ls\n')
    expect(bytesOf(kept, 'status').toString()).toBe(`bye${STATUS}`)
    expect(kept.end?.why).toBe('ended')
    expect(boundary.summaries).toMatchObject([{ auditId: id, fromClient: 3, fromServer: 14, why: 'ended' }])
  })

  test('is recorded as over when its client leaves, or it is cut', async () => {
    const left = await start(kind)
    left.stream.leave()
    await until('its end', () => boundary.sink.of(left.id).end !== null)
    const cut = await start(kind)
    for (const live of boundary.script.live.keys()) if (live.auditId === cut.id) live.cut('lease_revoked')
    await until('its end', () => boundary.sink.of(cut.id).end !== null && cut.stream.isOver())
    expect(boundary.sink.sessions.map(({ end }) => end?.why)).toEqual(['closed', 'closed'])
    expect(await endOf(boundary, cut.id)).toMatchObject({ details: 'lease_revoked' })
  })

  test('passes nothing on before it is kept, either way', async () => {
    const { stream, delivered, seen } = await start(kind)
    const gate = Promise.withResolvers<void>()
    let asked = 0
    boundary.sink.before = () => {
      asked += 1
      return gate.promise
    }
    stream.write('typed')
    await until('the recorder to have it', () => asked === 1)
    expect([seen.body.toString(), delivered()]).toEqual(['', ''])
    boundary.sink.before = () => undefined
    gate.resolve()
    await until('the echo', () => delivered() === 'typed')
  })
})

describe('what the recorder adds', () => {
  test('reaches the client, and is not on record', async () => {
    const { target, id, delivered } = await start(KINDS[1])
    boundary.upstream.write(target, WITH_MORE)
    const text = WITH_MORE.toString()
    await until('it', () => delivered() === `${text.slice(0, -1)}${ADDED}${text.slice(-1)}`)
    expect(bytesOf(boundary.sink.of(id), 'output').toString()).toBe(text)
  })
})

describe('attach', () => {
  test('is a session too', async () => {
    const { id } = await start(KINDS[0], `${POD}/attach`)
    expect(boundary.sink.of(id).head).toMatchObject({ verb: 'attach', tty: false })
  })
})

describe('a port forward', () => {
  test('is none: it runs, and nothing of it is kept', async () => {
    const { stream, delivered } = await start(KINDS[1], `${POD}/portforward`)
    stream.write('GET / HTTP/1.0')
    await until('the echo', () => delivered() === 'GET / HTTP/1.0')
    expect(boundary.sink.sessions).toEqual([])
  })
})

describe('fifty sessions at once', () => {
  test('are kept each for itself', async () => {
    // On a busy machine the recorder, which shares this process with fifty clients, may be silent for so long that Envoy gives it up.
    await until('fifty that nothing else has ended', fifty, 120_000)
  })
})

/** Whether all of them went through; whatever became of them, what was delivered is on record. */
async function fifty(): Promise<boolean> {
  await ended()
  const begun = await Promise.all(Array.from({ length: 50 }, (_, at) => attempted(boundary, KINDS[at % 2] as Kind)))
  const all = begun.filter(session => session !== null)
  open.push(...all.map(({ stream }) => stream))
  const said = (at: number) => `of ${at};`.repeat(100)
  for (const [at, { stream }] of all.entries()) stream.write(said(at))
  await until('all echoes', () => all.every(({ delivered, stream }, at) => delivered() === said(at) || stream.isOver()))
  for (const { id, delivered } of all) {
    expect(bytesOf(boundary.sink.of(id), 'output').toString('latin1').startsWith(delivered())).toBe(true)
  }
  return begun.every((session, at) => session !== null && session.delivered() === said(at))
}
