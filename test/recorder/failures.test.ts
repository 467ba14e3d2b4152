import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OpenStream } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'
import { type RecordedBoundary, startRecordedBoundary } from './a-recorded-boundary.ts'
import { begin, endOf, KINDS, type Kind, running, toBody } from './a-session.ts'
import { bytesOf } from './memory-sink.ts'
import { UNREADABLE } from './raw-decoder.ts'

let boundary: RecordedBoundary
const open: OpenStream[] = []

beforeAll(async () => {
  boundary = await startRecordedBoundary()
})
beforeEach(() => {
  boundary.script.reset()
  boundary.sink.reset()
  boundary.upstream.seen.length = 0
})
afterEach(async () => {
  boundary.sink.before = () => undefined
  for (const stream of open.splice(0)) stream.leave()
  await until('all recordings to end', () => boundary.recorder().sessions() === 0)
})
afterAll(() => boundary.stop())

const [WEBSOCKET] = KINDS
/** Ends, and what in the access log may say why: a machine under load is slower than the rule of two seconds. */
const IN_TIME_MS = 4000
const never = () => new Promise<never>(() => undefined)

async function start(kind: Kind = WEBSOCKET) {
  const session = await running(boundary, kind)
  open.push(session.stream)
  return session
}

/** It does not begin: kubectl reads why, and the API server never hears of it. */
async function expectRefused(details: RegExp): Promise<void> {
  const { stream } = begin(boundary, WEBSOCKET)
  open.push(stream)
  await until('the refusal', () => /^HTTP\/1\.1 50[034]/.test(stream.text()) && toBody(stream).endsWith('\n'))
  expect(JSON.parse(toBody(stream))).toMatchObject({ kind: 'Status', message: expect.stringMatching(details) })
  expect(boundary.upstream.seen).toEqual([])
}

describe('a session that cannot be kept', () => {
  test('does not begin', async () => {
    boundary.sink.before = () => Promise.reject(new Error('the disk is full'))
    await expectRefused(/recorder_failed/)
  })

  test('does not begin when nobody says that it can', async () => {
    const gate = Promise.withResolvers<void>()
    boundary.sink.before = () => gate.promise
    await expectRefused(/recorder_slow/)
    gate.resolve()
  })

  test.each([
    { name: 'fails', before: () => Promise.reject(new Error('gone')), details: 'recorder_failed' },
    { name: 'hangs', before: never, details: 'recorder_slow' },
  ])('ends when keeping it $name, and nothing of that is passed on', async ({ before, details }) => {
    const { stream, id, target, delivered } = await start()
    stream.write('one')
    await until('the echo', () => delivered() === 'one')
    const gate = Promise.withResolvers<void>()
    boundary.sink.before = what => (what === 'append' ? Promise.race([before(), gate.promise]) : undefined)
    const from = performance.now()
    boundary.upstream.write(target, Buffer.from('two'))
    await until('the end', () => stream.isOver())
    expect(performance.now() - from).toBeLessThan(IN_TIME_MS)
    expect(delivered()).toBe('one')
    expect(await endOf(boundary, id)).toMatchObject({ details })
    boundary.sink.before = () => undefined
    gate.resolve()
    await until('its end to be kept', () => boundary.sink.of(id).end?.why === details)
  })
})

describe.each(KINDS)('bytes $name', kind => {
  test('that cannot be read end the session, and do not arrive', async () => {
    const { stream, id, target, delivered, seen } = await start(kind)
    boundary.upstream.write(target, UNREADABLE)
    await until('the end', () => stream.isOver())
    expect(delivered()).toBe('')
    expect(await endOf(boundary, id)).toMatchObject({ details: 'recorder_unreadable' })
    const typed = await start(kind)
    typed.stream.write(UNREADABLE.toString('latin1'))
    await until('the end', () => typed.stream.isOver())
    expect([seen.body.length, typed.seen.body.length]).toEqual([0, 0])
  })

  test('before the API server has agreed reach it only when they are on record', async () => {
    const { stream, target } = begin(boundary, kind, undefined, 'too early')
    open.push(stream)
    await until('it to be ended, or to have them', () => stream.isOver() || toBody(stream) === 'too early')
    const { id } = boundary.script.check(target)
    const arrived = boundary.upstream.seen.map(({ body }) => body.toString()).join('')
    expect(bytesOf(boundary.sink.of(id), 'input').toString()).toBe(arrived)
  })

  test('that were delivered when it was cut are on record', async () => {
    const { stream, id, target, delivered } = await start(kind)
    let sent = 0
    const talking = setInterval(() => boundary.upstream.write(target, Buffer.from(`line ${sent++}\n`.repeat(500))), 1)
    await until('some of it', () => delivered().length > 200_000)
    for (const live of boundary.script.live.keys()) if (live.auditId === id) live.cut('lease_expired')
    await until('the end', () => stream.isOver())
    clearInterval(talking)
    await until('its recording to end', () => boundary.sink.of(id).end !== null)
    expect(bytesOf(boundary.sink.of(id), 'output').toString('latin1').startsWith(delivered())).toBe(true)
  })
})

describe('a recorder that is told to end', () => {
  test('cuts what still runs, says so, and nothing begins until there is another one', async () => {
    const { stream, id } = await start()
    await boundary.replaceRecorder(300, async () => {
      expect(stream.isOver()).toBe(true)
      expect(boundary.sink.of(id).end?.why).toBe('recorder_shutdown')
      boundary.upstream.seen.length = 0
      await expectRefused(/ext_proc|recorder/)
    })
    expect(await endOf(boundary, id)).toMatchObject({ details: 'recorder_shutdown' })
    await until('Envoy to find the new one', async () =>
      /^recorder::.*::health_flags::healthy/m.test(await boundary.clusters()),
    )
    await start()
  })
})
