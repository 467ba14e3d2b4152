import { describe, expect, test } from 'vitest'
import { Recorder, type RecorderLimits } from '../../src/recorder/recorder.ts'
import type { RecorderCut } from '../../src/session/recording/recorder-cut.ts'
import type { SessionRequest } from '../../src/session/recording/session-handler.ts'
import { until } from '../support/until.ts'
import { bytesOf, MemorySink } from './memory-sink.ts'
import { openRaw } from './raw-decoder.ts'

const TARGET = '/api/v1/namespaces/a/pods/b/exec?command=sh'

function request(auditId: string, target = TARGET, lease = 'lse_1'): SessionRequest {
  return { auditId, lease, target, upgrade: 'websocket', protocols: ['v5.channel.k8s.io'] }
}

function aRecorder(limits: Partial<RecorderLimits> = {}) {
  const sink = new MemorySink()
  const recorder = new Recorder({ sink, openDecoder: openRaw, limits })
  const cuts: RecorderCut[] = []
  const open = async (auditId: string, target?: string, lease?: string) => {
    const session = recorder.onSession(request(auditId, target, lease), reason => void cuts.push(reason))
    return { session, opened: await session.opened }
  }
  return { sink, recorder, cuts, open }
}

describe('Recorder', () => {
  test('takes no more sessions at once than it may', async () => {
    const { open, recorder } = aRecorder({ maxSessions: 1 })
    const { session } = await open('a')
    expect((await open('b')).opened).toBe('recorder_busy')
    session.over()
    await until('its end', () => recorder.size === 0)
    expect((await open('c')).opened).toBeNull()
  })

  test('leaves room for others, however many sessions one lease asks for', async () => {
    const { open, recorder } = aRecorder()
    const asked = await Promise.all(Array.from({ length: 1000 }, (_, at) => open(`a-${at}`)))
    const begun = asked.filter(({ opened }) => opened === null)
    expect(new Set(asked.map(({ opened }) => opened))).toEqual(new Set([null, 'recorder_busy']))
    expect((await open('b', TARGET, 'lse_2')).opened).toBeNull()
    begun[0]?.session.over()
    await until('its end', () => recorder.size === begun.length)
    expect((await open('c')).opened).toBeNull()
    expect((await open('d')).opened).toBe('recorder_busy')
  })

  test.each([
    ['/api/v1/namespaces/a/pods/b/portforward'],
    ['/api/v1/namespaces/a/services/b/proxy/exec'],
    ['/api/v1/namespaces/a/pods/b/exec/more'],
    ['/apis/x/v1/namespaces/a/pods/b/exec'],
    ['/api/v1/namespaces/a/pods/b/%65xec'],
    ['/api/v1/namespaces/a/pods/b/exec?tty=true&tty=false'],
  ])('takes %s for no session', async target => {
    expect((await aRecorder().open('a', target)).opened).toBe('recorder_not_a_session')
  })

  test('keeps no more of a session in memory than it may', async () => {
    const { open, sink } = aRecorder({ maxHeld: 100 })
    const { session } = await open('a')
    session.upgraded('v5.channel.k8s.io')
    const gate = Promise.withResolvers<void>()
    sink.before = () => gate.promise
    const first = session.bytes('server', Buffer.alloc(80))
    expect(await session.bytes('server', Buffer.alloc(80))).toBe('recorder_full')
    gate.resolve()
    expect(await first).toBeNull()
  })

  test('writes what comes while it writes at once, and in order', async () => {
    const { open, sink } = aRecorder()
    const { session } = await open('a')
    session.upgraded('v5.channel.k8s.io')
    const gate = Promise.withResolvers<void>()
    sink.before = () => gate.promise
    const kept = Array.from({ length: 100 }, (_, at) => session.bytes('server', Buffer.from(`${at};`)))
    gate.resolve()
    expect(await Promise.all(kept)).toEqual(kept.map(() => null))
    const all = Array.from({ length: 100 }, (_, at) => `${at};`).join('')
    expect(bytesOf(sink.of('a'), 'output').toString()).toBe(all)
    expect(sink.writes).toBeLessThanOrEqual(2)
  })

  test('of a session that the API server did not agree to keeps that it was asked for', async () => {
    const { open, sink } = aRecorder()
    const { session } = await open('a')
    session.upgraded(null)
    expect(await session.bytes('server', Buffer.from('{"kind":"Status"}'))).toBeNull()
    // Where there is no tunnel they could be a request that nobody judged.
    expect(await session.bytes('client', Buffer.from('GET /'))).toBe('recorder_early_bytes')
    session.over()
    await until('its end', () => sink.of('a').end !== null)
    expect(sink.of('a')).toMatchObject({ events: [], end: { why: 'not_upgraded' } })
  })

  test('that is told to end takes none, and cuts the others when their time is over', async () => {
    const { open, recorder, cuts } = aRecorder()
    await open('a')
    const draining = recorder.drain(50, 50)
    expect((await open('b')).opened).toBe('recorder_shutdown')
    await draining
    expect(cuts).toEqual(['recorder_shutdown'])
  })

  test('gives a recording its end even when it was opened too late', async () => {
    const { open, sink, recorder } = aRecorder({ patienceMs: 20 })
    const gate = Promise.withResolvers<void>()
    sink.before = () => gate.promise
    const { session, opened } = await open('a')
    expect(opened).toBe('recorder_slow')
    session.over()
    gate.resolve()
    await until('its end', () => recorder.size === 0)
    expect(sink.of('a').end?.why).toBe('recorder_slow')
  })
})
