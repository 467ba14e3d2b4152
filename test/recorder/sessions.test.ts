import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outcomeOf } from '../support/envoy.ts'
import { type OpenStream, openHttp1 } from '../support/open-stream.ts'
import { until } from '../support/until.ts'
import { type RecordedBoundary, startRecordedBoundary } from './a-recorded-boundary.ts'
import { bytesOf } from './memory-sink.ts'
import { STATUS } from './raw-decoder.ts'

let boundary: RecordedBoundary
let requests = 0
const open: OpenStream[] = []

beforeAll(async () => {
  boundary = await startRecordedBoundary()
})
beforeEach(() => {
  boundary.script.reset()
  boundary.sink.reset()
  boundary.summaries.length = 0
})
afterEach(async () => {
  for (const stream of open.splice(0)) stream.leave()
  await until('all recordings to end', () => boundary.recorder().sessions() === 0)
})
afterAll(() => boundary.stop())

const POD = '/api/v1/namespaces/a/pods/b'
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: v5.channel.k8s.io',
]
const SPDY = [
  'Connection: Upgrade',
  'Upgrade: SPDY/3.1',
  'Content-Length: 0',
  'X-Stream-Protocol-Version: v5.channel.k8s.io',
  'X-Stream-Protocol-Version: v4.channel.k8s.io',
]
const KINDS = [
  { name: 'over WebSocket', method: 'GET', headers: WEBSOCKET, protocol: 'v5.channel.k8s.io' },
  { name: 'over SPDY', method: 'POST', headers: SPDY, protocol: 'v5.channel.k8s.io, v4.channel.k8s.io' },
] as const
type Kind = (typeof KINDS)[number]
const [FIRST] = KINDS

function begin({ method, headers }: Pick<Kind, 'method' | 'headers'>, path = `${POD}/exec?tty=true`) {
  const target = `${path}${path.includes('?') ? '&' : '?'}id=${requests++}`
  const stream = openHttp1(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...headers])
  open.push(stream)
  return { target, stream }
}

async function running(kind: Pick<Kind, 'method' | 'headers'>, path?: string) {
  const { target, stream } = begin(kind, path)
  await until('it to run', () => stream.text().startsWith('HTTP/1.1 101'))
  const { id } = boundary.script.check(target)
  return { target, stream, id, delivered: () => toBody(stream), seen: boundary.upstream.only(target) }
}

function toBody(stream: OpenStream): string {
  const text = stream.text()
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

const outcome = (id: string) => outcomeOf(boundary, ({ key }) => key?.auditId === id)

describe.each(KINDS)('a session $name', kind => {
  test('is recorded with what went both ways, and with its end', async () => {
    const { stream, id, delivered, target } = await running(kind)
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
    const left = await running(kind)
    left.stream.leave()
    await until('its end', () => boundary.sink.of(left.id).end !== null)
    const cut = await running(kind)
    for (const live of boundary.script.live.keys()) if (live.auditId === cut.id) live.cut('lease_revoked')
    await until('its end', () => boundary.sink.of(cut.id).end !== null && cut.stream.isOver())
    expect(boundary.sink.sessions.map(({ end }) => end?.why)).toEqual(['closed', 'closed'])
    expect(await outcome(cut.id)).toMatchObject({ details: 'lease_revoked' })
  })

  test('passes nothing on before it is kept, either way', async () => {
    const { stream, delivered, seen } = await running(kind)
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

describe('attach', () => {
  test('is a session too, and what the API server does not agree to is none', async () => {
    const { id } = await running(FIRST, `${POD}/attach`)
    expect(boundary.sink.of(id).head).toMatchObject({ verb: 'attach', tty: false })
  })
})
