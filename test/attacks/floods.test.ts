import { once } from 'node:events'
import { connect as http2 } from 'node:http2'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { flood as floodStore, floodsOf } from '../lease/floods.ts'
import { cases } from '../support/more-cases.ts'
import { stretched, until } from '../support/until.ts'
import { FLAG, FRAME, getBlock, headerBlock, type RawHttp2, rawHttp2, shortForLong } from '../support/wire/raw-http2.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const PODS = '/api/v1/namespaces/dev/pods'
const LIST = `GET ${PODS}`
/** Of each kind; 50 000 of each on the store alone in `npm run test:long`. */
const ATTEMPTS = cases(500, 50_000)
const FILLING = { timeout: 1_200_000 }

let boundary: Boundary
const leaving: (() => void)[] = []

beforeAll(async () => {
  boundary = await aBoundary()
  expect((await boundary.send('reads', LIST)).status).toBe(200)
})
afterEach(() => {
  for (const leave of leaving.splice(0)) leave()
})
afterAll(() => boundary.stop())

/** Somebody who keeps to the rules, again and again while the attack runs: each request must be answered. */
async function othersGoOn(times = 20): Promise<void> {
  for (let i = 0; i < times; i++) expect((await boundary.send('reads', LIST)).status).toBe(200)
}

/** Milliseconds of the slowest of those that somebody else sends all the time. */
async function slowestRead(signal: AbortSignal): Promise<number> {
  let slowest = 0
  while (!signal.aborted) {
    const from = performance.now()
    await othersGoOn(1)
    slowest = Math.max(slowest, performance.now() - from)
    await pause(20)
  }
  return slowest
}

function open(first = '', options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: boundary.port, rejectUnauthorized: false, ...options })
  leaving.push(() => socket.destroy())
  return new Promise(resolve => {
    socket.on('error', () => socket.destroy())
    socket.on('data', () => undefined)
    // On a crowded machine a handshake may take longer than Envoy waits for one.
    socket.once('close', () => resolve(socket))
    socket.once('secureConnect', () => {
      if (first !== '') socket.write(first)
      resolve(socket)
    })
  })
}

async function attacker(port = boundary.port): Promise<RawHttp2> {
  const raw = await rawHttp2(port)
  leaving.push(raw.leave)
  return raw
}

/** What an HTTP/2 attacker does until Envoy has had enough, or for some rounds. */
async function flood(act: (raw: RawHttp2, round: number) => void, rounds: number): Promise<RawHttp2> {
  const raw = await attacker()
  for (let round = 0; round < rounds && !raw.isClosed(); round++) {
    act(raw, round)
    if (round % 100 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  return raw
}

const stream = (round: number) => 2 * round + 1

describe('while somebody', () => {
  test('opens a thousand connections and says nothing, others go on', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => open()))
    await othersGoOn()
  })

  test('sends slow headers on two hundred connections, others go on, and the slow ones are ended', async () => {
    const slow = await Promise.all(
      Array.from({ length: 200 }, () => open(`${LIST} HTTP/1.1\r\nHost: boundary\r\nX-Slow: `)),
    )
    const trickle = setInterval(() => {
      for (const socket of slow) if (!socket.destroyed) socket.write('a')
    }, 500)
    leaving.push(() => clearInterval(trickle))
    await othersGoOn()
    // The limit for a head is 10 s.
    await until('the slow ones to be ended', () => slow.every(socket => socket.destroyed || socket.readableEnded))
  })

  test('sends slow bodies on a hundred connections, others go on', async () => {
    const { token } = await boundary.token('everything')
    const head = `POST /api/v1/namespaces/dev/configmaps HTTP/1.1\r\nHost: boundary\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`
    const before = boundary.upstream.received.length
    const slow = await Promise.all(Array.from({ length: 100 }, () => open(head)))
    const trickle = setInterval(() => {
      for (const socket of slow) if (!socket.destroyed) socket.write(' ')
    }, 100)
    leaving.push(() => clearInterval(trickle))
    await othersGoOn()
    const writes = boundary.upstream.received.slice(before).filter(({ method }) => method === 'POST')
    expect(writes).toEqual([])
  })

  test('opens streams and resets them at once, others go on', async () => {
    const attacks = Array.from({ length: 4 }, () =>
      flood((raw, round) => {
        raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), getBlock(PODS))
        raw.send(FRAME.reset, FLAG.none, stream(round), Buffer.from([0, 0, 0, 8]))
      }, 20_000),
    )
    await Promise.all([othersGoOn(), ...attacks])
    await othersGoOn(3)
  })

  test('opens streams and resets them a moment later, others go on, and each is cut off', async () => {
    const attacks = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const raw = await attacker()
        for (let round = 0; round < 2000 && !raw.isClosed(); round++) {
          raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), getBlock(PODS))
          await new Promise(resolve => setImmediate(resolve))
          raw.send(FRAME.reset, FLAG.none, stream(round), Buffer.from([0, 0, 0, 8]))
        }
        return raw
      }),
    )
    await othersGoOn()
    await until('the end of their connections', () => attacks.every(raw => raw.isClosed()))
  })

  test('floods with pings and settings, others go on, and it is cut off', async () => {
    const raw = await flood((attack, round) => {
      attack.send(FRAME.ping, FLAG.none, 0, Buffer.alloc(8))
      if (round % 2 === 0) attack.send(FRAME.settings, FLAG.none, 0)
    }, 50_000)
    await othersGoOn()
    await until('the end of its connection', raw.isClosed)
  })

  test('never ends its headers (CONTINUATION), others go on, and it is cut off', async () => {
    const piece = headerBlock(Array.from({ length: 100 }, (_, index) => [`x-${index}`, 'a'.repeat(100)] as const))
    const raw = await flood((attack, round) => {
      if (round === 0) attack.send(FRAME.headers, FLAG.endStream, 1, getBlock(PODS))
      else attack.send(FRAME.continuation, FLAG.none, 1, piece)
    }, 5000)
    await othersGoOn()
    await until('the end of its connection', raw.isClosed)
  })

  test('names one large header thousands of times by its place in the table, others go on, and it is refused', async () => {
    const raw = await attacker()
    // 0x40: a literal that goes into the table; 0xbe: that entry again, one byte each.
    const entry = Buffer.concat([Buffer.from([0x40, 1]), Buffer.from('x'), Buffer.from([126]), Buffer.alloc(126, 'a')])
    const block = Buffer.concat([getBlock(PODS), entry, Buffer.alloc(12_000, 0xbe)])
    const before = boundary.upstream.received.length
    for (let round = 0; round < 50 && !raw.isClosed(); round++) {
      raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), block)
    }
    await othersGoOn(5)
    const targets = boundary.upstream.received
      .slice(before)
      .filter(({ headers }) => headers.some(([name]) => name === 'x'))
    expect(targets).toEqual([])
  })

  test(
    'fills the store with questions, leases, children and denials, others are answered in time',
    FILLING,
    async () => {
      const link = await boundary.valkey.connected({ deadlineMs: 5000 })
      const floods = await floodsOf(link)
      const stop = new AbortController()
      const others = slowestRead(stop.signal)
      for (const one of floods) {
        const outcomes = await floodStore(one, ATTEMPTS)
        expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(ATTEMPTS)
      }
      stop.abort()
      // As long as a decision may take, and as much for all else, where the machine is idle.
      expect(await others).toBeLessThan(stretched(2000))
    },
  )

  test('takes nothing of what it asks for, others go on', async () => {
    const { token } = await boundary.token('reads')
    const raw = await attacker()
    // No window for answers at all.
    raw.send(FRAME.settings, FLAG.none, 0, Buffer.from([0, 4, 0, 0, 0, 0]))
    const [head, tail] = [token.slice(0, 100), token.slice(100)]
    expect(head.length + tail.length).toBe(token.length)
    for (let round = 0; round < 200; round++) {
      raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), getBlock(PODS))
    }
    await othersGoOn()
  })

  test('sends a hundred bytes for each head of 50 KiB and takes no answer, Envoy does not keep them', async () => {
    // So small that it is short of memory from the start.
    const short = await boundary.anotherEnvoy('short-of-memory', { heapBytes: 96 * 1024 * 1024 })
    const { first, again } = shortForLong(PODS, 50)
    for (let connection = 0; connection < 3; connection++) {
      const raw = await attacker(short.port)
      raw.send(FRAME.settings, FLAG.none, 0, Buffer.from([0, 4, 0, 0, 0, 0]))
      for (let round = 0; round < 100; round++) {
        raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), round === 0 ? first : again)
      }
    }
    const count = (name: string) => boundary.stat(name, short.adminSocket)
    await until('all of them to be here', async () => (await count('http.boundary.downstream_rq_total')) >= 300)
    await until('them to be gone', async () => (await count('http.boundary.downstream_rq_active')) === 0)
    expect(await count('http.boundary.downstream_cx_active')).toBe(3)
  })

  test('makes one head of more than 60 KiB out of a hundred bytes, it is refused', async () => {
    const { again, first } = shortForLong(PODS, 70)
    const raw = await attacker()
    for (let round = 0; round < 50; round++) {
      raw.send(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream(round), round === 0 ? first : again)
    }
    await until('the end of its connection', raw.isClosed)
  })

  test('begins HTTP/2 without having offered it, the connection ends', async () => {
    const socket = await open('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { ALPNProtocols: ['http/1.1'] })
    await until('its end', () => socket.destroyed || socket.readableEnded)
  })
})

describe('too much', () => {
  test.each([
    { name: 'too many headers', headers: Array.from({ length: 500 }, (_, index) => `X-${index}: a`), status: 431 },
    { name: 'a header that is too long', headers: [`X-Long: ${'a'.repeat(240_000)}`], status: 431 },
  ])('$name is refused and goes no further', async ({ headers, status }) => {
    const before = boundary.upstream.received.length
    expect((await boundary.send('reads', LIST, headers)).status).toBe(status)
    expect(boundary.upstream.received).toHaveLength(before)
  })

  test('a body above the limit is refused and goes no further', async () => {
    const before = boundary.upstream.received.length
    const { token } = await boundary.token('everything')
    // Over HTTP/1.1 who goes on writing may see the connection end before the answer.
    const session = http2(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
    leaving.push(() => session.destroy())
    const request = session.request({
      ':method': 'POST',
      ':path': '/api/v1/namespaces/dev/configmaps',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    })
    request.on('error', () => undefined)
    request.end(Buffer.alloc(4 * 1024 * 1024, 'a'))
    const [headers] = await once(request, 'response')
    expect(headers[':status']).toBe(413)
    expect(boundary.upstream.received).toHaveLength(before)
  })
})
