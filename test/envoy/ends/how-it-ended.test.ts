import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outcomeOf, startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { openHttp1, openHttp2 } from '../../support/envoy/open-stream.ts'
import { until } from '../../support/until.ts'
import { CLOSED, exited, GOAWAY, onChannel, onStream, SUCCESS } from '../../support/wire/frames.ts'

let boundary: TestBoundary
let pods = 0

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

type Kind = 'exec' | 'portforward' | 'log'

async function tunnel(kind: Kind, headers: readonly string[], method = 'GET') {
  const path = `/api/v1/namespaces/a/pods/p${pods++}/${kind}`
  const stream = openHttp1(boundary.port, [
    `${method} ${path} HTTP/1.1`,
    'Host: kube',
    'Connection: Upgrade',
    ...headers,
  ])
  await until('the tunnel', () => stream.text().includes('\r\n\r\n'))
  expect(stream.text()).toMatch(/^HTTP\/1\.1 101/)
  const received = () => stream.text().slice(stream.text().indexOf('\r\n\r\n') + 4)
  return { path, stream, received }
}

function websocket(kind: Kind = 'exec', protocol = 'v5.channel.k8s.io') {
  const spoken = protocol === '' ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]
  return tunnel(kind, ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...spoken])
}

const spdy = (kind: Kind = 'exec') => tunnel(kind, ['Upgrade: SPDY/3.1', 'Content-Length: 0'], 'POST')

type Open = Awaited<ReturnType<typeof tunnel>>

const says =
  (...frames: readonly Buffer[]) =>
  ({ path, received }: Open) => {
    const all = Buffer.concat(frames)
    boundary.upstream.write(path, all)
    return until('it to arrive', () => received() === all.toString('latin1'))
  }

const ends = ({ path }: Open) => boundary.upstream.end(path)
const resets = ({ path }: Open) => boundary.upstream.reset(path)
const clientLeaves = ({ stream }: Open) => stream.leave()
const cut = ({ path }: Open) => {
  const { id } = boundary.script.check(path)
  for (const live of boundary.script.live.keys()) if (live.auditId === id) live.cut('lease_revoked')
}

const OUTPUT = onChannel(1, 'some output')
const GOOD = { flags: [], details: 'upstream_reset_after_response_started{connection_termination}' }

interface Case {
  readonly name: string
  readonly open: () => Promise<Open>
  readonly steps: readonly ((open: Open) => unknown)[]
  readonly want: { readonly flags: readonly string[]; readonly details?: string; readonly exitCode: number | null }
}

const CASES: readonly Case[] = [
  {
    name: 'a command that went well',
    open: websocket,
    steps: [says(OUTPUT, onChannel(3, SUCCESS), CLOSED), ends],
    want: { ...GOOD, exitCode: 0 },
  },
  {
    name: 'a command that failed, after much output in frames of all sizes',
    open: websocket,
    steps: [
      says(...[0, 1, 124, 125, 126, 65_533, 65_534, 65_535, 90_000].map(size => onChannel(1, 'x'.repeat(size)))),
      says2(),
      ends,
    ],
    want: { ...GOOD, exitCode: 137 },
  },
  {
    name: 'the same, a byte at a time',
    open: websocket,
    steps: [byByte(OUTPUT, onChannel(2, 'y'.repeat(300)), onChannel(3, exited(3)), CLOSED), ends],
    want: { ...GOOD, exitCode: 3 },
  },
  {
    name: 'v4, whose client hangs up when it knows what the command came to',
    open: () => websocket('exec', 'v4.channel.k8s.io'),
    steps: [says(onChannel(3, exited(1))), clientLeaves],
    want: { flags: [], exitCode: 1 },
  },
  {
    name: 'a kubelet that went away in the middle: the API server says so and closes',
    open: websocket,
    steps: [
      says(OUTPUT, onChannel(3, { status: 'Failure', reason: 'InternalError', message: 'EOF', code: 500 }), CLOSED),
      ends,
    ],
    want: { flags: [], details: 'command_failed', exitCode: null },
  },
  {
    name: 'what a command writes is not what it came to',
    open: websocket,
    steps: [says(onChannel(1, SUCCESS), onChannel(2, onChannel(3, SUCCESS).toString('latin1'))), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'an empty Status makes none of what comes after it',
    open: websocket,
    steps: [says(onChannel(3, ''), onChannel(1, SUCCESS)), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'a Status that is none',
    open: websocket,
    steps: [says(onChannel(3, '{"status":"Failure","details":{"causes":7}}'), CLOSED), ends],
    want: { flags: [], details: 'command_failed', exitCode: null },
  },
  {
    name: 'an API server that ends in the middle',
    open: websocket,
    steps: [says(OUTPUT), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'an API server that ends in the middle of a frame',
    open: websocket,
    steps: [says(CLOSED.subarray(0, 1)), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'an API server that is killed',
    open: websocket,
    steps: [says(OUTPUT), resets],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'a client that leaves in the middle',
    open: websocket,
    steps: [says(OUTPUT), clientLeaves],
    want: { flags: ['DC'], exitCode: null },
  },
  {
    name: 'a lease that ends in the middle',
    open: websocket,
    steps: [says(OUTPUT), cut],
    want: { flags: [], details: 'lease_revoked', exitCode: null },
  },
  {
    name: 'a port-forward, where the same channel is another port',
    open: () => websocket('portforward', 'v4.channel.k8s.io'),
    steps: [says(onChannel(3, SUCCESS)), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'a log as a WebSocket that is over',
    open: () => websocket('log', ''),
    steps: [says(onChannel(3, SUCCESS), CLOSED), ends],
    want: { ...GOOD, exitCode: null },
  },
  {
    name: 'SPDY that is over',
    open: spdy,
    steps: [says(onStream(1, 'x'.repeat(70)), onStream(3, GOAWAY.toString('latin1')), GOAWAY), ends],
    want: { ...GOOD, exitCode: null },
  },
  {
    name: 'SPDY a byte at a time',
    open: () => spdy('portforward'),
    steps: [byByte(onStream(1, 'x'.repeat(70)), GOAWAY), ends],
    want: { ...GOOD, exitCode: null },
  },
  {
    name: 'SPDY that ends in the middle, after data that looks like a farewell',
    open: spdy,
    steps: [says(onStream(3, GOAWAY.toString('latin1'))), ends],
    want: { flags: ['UC'], exitCode: null },
  },
  {
    name: 'SPDY whose API server is killed',
    open: spdy,
    steps: [says(onStream(1, 'x')), resets],
    want: { flags: ['UC'], exitCode: null },
  },
]

/** After what was said before: both have to arrive. */
function says2() {
  return async ({ path, received }: Open) => {
    const before = received().length
    const all = Buffer.concat([onChannel(3, exited(137)), CLOSED])
    boundary.upstream.write(path, all)
    await until('the end to arrive', () => received().length === before + all.length)
  }
}

function byByte(...frames: readonly Buffer[]) {
  return async ({ path, received }: Open) => {
    for (const byte of Buffer.concat(frames)) {
      const before = received().length
      boundary.upstream.write(path, Buffer.from([byte]))
      await until('the byte to arrive', () => received().length === before + 1)
    }
  }
}

describe('the end of a tunnel is on record as what it was:', () => {
  test.each(CASES)('$name', async ({ open, steps, want }) => {
    const opened = await open()
    for (const step of steps) await step(opened)
    const end = await outcomeOf(boundary, each => each.path === opened.path)
    expect(end).toMatchObject({ status: 101, ...want })
  })
})

describe('the end of a watch is on record as what it was:', () => {
  test.each([
    { how: 'end', want: { flags: [], details: 'via_upstream' } },
    { how: 'reset the stream', want: { flags: ['UR'], details: expect.stringContaining('reset') } },
    { how: 'reset the connection', want: { flags: ['UC'] } },
  ] as const)('the API server does $how', async ({ how, want }) => {
    const path = `/api/v1/namespaces/a/watch${pods++}`
    const watch = openHttp2(boundary.port, `${path}?watch=1`)
    await until('the watch to run', () => /tick/.test(watch.text()))
    boundary.upstream.endWatch(`${path}?watch=1`, how)
    await until('its end', () => watch.isOver())
    expect(await outcomeOf(boundary, each => each.path === path)).toMatchObject({
      status: 200,
      exitCode: null,
      ...want,
    })
  })
})
