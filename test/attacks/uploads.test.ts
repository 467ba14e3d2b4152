import { randomBytes } from 'node:crypto'
import { connect as connect2 } from 'node:http2'
import { setTimeout } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'
import { AGENT, aBoundary, type Boundary, OTHER_AGENT } from './a-boundary.ts'

const MAPS = '/api/v1/namespaces/dev/configmaps'
const MEBIBYTE = 1024 * 1024
const WHOLE = 3 * MEBIBYTE
/** Envoy would have to keep it for as long as it waits for the rest. */
const BEGINNING = Buffer.alloc(65_536, ' ')
const NEARLY = Buffer.alloc(WHOLE - 1, ' ')
/** Percent of its heap from which on Envoy resets streams, whosever they are. */
const FIRST_SHED = 75

let boundary: Boundary
let neighbour: string
const leaving: (() => void)[] = []

beforeAll(async () => {
  boundary = await aBoundary()
  neighbour = (await boundary.token('everything', { agent: OTHER_AGENT })).token
})
afterEach(() => {
  for (const leave of leaving.splice(0)) leave()
})
afterAll(() => boundary.stop())

/** Somebody else, with small and large bodies, keeps to the rules: each request is answered. */
async function othersGoOn(): Promise<void> {
  for (const length of [2, 1000, MEBIBYTE, 2, WHOLE, 2]) {
    const body = Buffer.from(`{}${' '.repeat(length - 2)}`)
    const lines = [`POST ${MAPS} HTTP/1.1`, 'Host: b', 'Content-Type: application/json', `Content-Length: ${length}`]
    await passes(() => rawRequest(boundary.port, [...lines, `Authorization: Bearer ${neighbour}`], body))
    await passes(() => boundary.send('reads', 'GET /api/v1/namespaces/dev/pods'))
  }
}

/** A machine that is busy with the attacker's own work may be late: clients of Kubernetes try again for some seconds when they are told 503. */
async function passes(send: () => Promise<{ readonly status: number }>): Promise<void> {
  let status = 503
  const isAnswered = async () => {
    status = (await send().catch(() => ({ status: 503 }))).status
    return status !== 503
  }
  await until('somebody else to be answered', isAnswered, 10_000)
  expect(status).toBe(200)
}

function headOf(token: string | null, length = `Content-Length: ${WHOLE}`): string {
  const lines = [`POST ${MAPS} HTTP/1.1`, 'Host: b', 'Content-Type: application/json', length]
  return `${[...lines, ...(token === null ? [] : [`Authorization: Bearer ${token}`])].join('\r\n')}\r\n\r\n`
}

/** Uploads whose connection ended before there was a request: a busy machine may be too late with the handshake. */
let turnedAway = 0

/** Sends this much, and then a little now and then, without end. */
function upload(head: string, body = BEGINNING): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port: boundary.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  })
  leaving.push(() => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', () => undefined)
  let isIn = false
  socket.once('close', () => {
    if (!isIn) turnedAway += 1
  })
  socket.once('secureConnect', () => {
    isIn = true
    socket.write(head)
    socket.write(body)
    const trickle = setInterval(() => socket.write(' '), 500)
    socket.once('close', () => clearInterval(trickle))
  })
  return socket
}

/** How many requests ended with this status, or for being too many at once, as Envoy told it; whoever still sends may not hear it. */
function ended(status: number): number {
  const refused = boundary.outcomes.filter(({ phase, status: had }) => phase === 'end' && [status, 503].includes(had))
  return refused.length + turnedAway
}

/**
 * The largest share of its heap, in percent, that Envoy had in use while this went on. By the monitor that it sheds load by, which looks
 * four times a second: `server.memory_allocated` is told every five seconds alone.
 */
async function peakOfHeap(goesOn: () => Promise<unknown>): Promise<number> {
  let peak = 0
  let isOver = false
  const look = async () => {
    while (!isOver) {
      peak = Math.max(peak, await boundary.stat('overload.envoy.resource_monitors.fixed_heap.pressure'))
      await setTimeout(100)
    }
  }
  const looks = look()
  await goesOn().finally(() => {
    isOver = true
  })
  await looks
  return peak
}

describe('while somebody', () => {
  test.each([
    { name: 'without a token', token: async () => null },
    { name: 'with a token that is none', token: async () => randomBytes(600).toString('base64url') },
    {
      name: 'with a token that nobody signed',
      token: async () => `${(await signed()).slice(0, -86)}${'A'.repeat(86)}`,
    },
    { name: 'with a token whose end has come', token: expired },
  ])(
    '$name uploads 400 bodies of 3 MiB and does not end, each is refused at once, others go on',
    async ({ token }) => {
      const head = headOf(await token())
      const refusedBefore = ended(401)
      const peak = await peakOfHeap(async () => {
        for (let i = 0; i < 400; i++) upload(head)
        await othersGoOn()
        await until('their refusals', () => ended(401) - refusedBefore >= 400, 90_000)
      })
      expect(peak).toBeLessThan(40)
    },
    180_000,
  )

  test('without a token sends bodies in chunks, or waits to be told to go on, each is refused at once', async () => {
    const before = ended(401)
    for (let i = 0; i < 100; i++) {
      upload(headOf(null, 'Transfer-Encoding: chunked'), Buffer.from('3\r\nabc\r\n'))
      upload(headOf(null, `Content-Length: ${WHOLE}\r\nExpect: 100-continue`), Buffer.alloc(0))
    }
    await othersGoOn()
    await until('their refusals', () => ended(401) - before >= 200, 90_000)
  }, 180_000)

  test('without a token sends slow bodies on many streams of few connections, each is refused at once', async () => {
    const statuses: number[] = []
    for (let connection = 0; connection < 4; connection++) {
      const session = connect2(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
      session.on('error', () => undefined)
      leaving.push(() => session.destroy())
      for (let at = 0; at < 100; at++) {
        const stream = session.request({ ':method': 'POST', ':path': MAPS }, { endStream: false })
        stream.on('error', () => undefined)
        stream.on('response', headers => statuses.push(Number(headers[':status'])))
        stream.resume()
        stream.write(Buffer.alloc(16_384, ' '))
      }
    }
    await othersGoOn()
    await until('their answers', () => statuses.length === 400, 90_000)
    // Or, where the machine is busy, 503.
    expect(statuses).toContain(401)
    expect(statuses.filter(status => status !== 401 && status !== 503)).toEqual([])
  }, 180_000)

  test('with a lease uploads 400 bodies of 3 MiB and does not end, most are refused at once, others go on', async () => {
    const refusedBefore = ended(429)
    const leases = await Promise.all(Array.from({ length: 4 }, () => boundary.token('everything', { agent: AGENT })))
    const peak = await peakOfHeap(async () => {
      const uploads = Array.from({ length: 400 }, (_, at) => upload(headOf(leases[at % 4]?.token ?? ''), NEARLY))
      await othersGoOn()
      // Those that had a share end with their first trickle, and make room: how many there are is up to the machine.
      await until('their ends', () => uploads.filter(({ closed }) => closed).length >= 350, 90_000)
    })
    expect(ended(429) - refusedBefore).toBeGreaterThan(200)
    expect(peak).toBeLessThan(FIRST_SHED)
  }, 180_000)
})

async function signed(): Promise<string> {
  return (await boundary.token('everything')).token
}

function expired(): Promise<string> {
  const iat = Math.floor(Date.now() / 1000) - 400
  return boundary.forge(
    { iss: 'leasegate', aud: 'leasegate:boundary', sub: AGENT, lease: 'lse_x', iat, exp: iat + 300 },
    {},
  )
}
