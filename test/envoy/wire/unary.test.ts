import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, rm } from 'node:fs/promises'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  type ServerHttp2Stream,
} from 'node:http2'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type GrpcServer, startGrpcServer } from '../../../src/envoy/server/grpc-server.ts'
import { until } from '../../support/until.ts'

const PATH = '/test.Service/Method'
const CALL = { ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' }
const MIB = 2 ** 20

let directory: string
let server: GrpcServer
let session: ClientHttp2Session
let answer: (message: Buffer) => Promise<Buffer>
const heard: Buffer[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-unary-'))
  const path = join(directory, 's')
  const often = {
    path: PATH,
    answer: (message: Buffer) => {
      heard.push(message)
      return answer(message)
    },
  }
  server = await startGrpcServer({ door: { kind: 'unix', path }, addServices: () => undefined, often })
  session = connectHttp2('http://server', { createConnection: () => connect(path) })
})
beforeEach(() => {
  heard.length = 0
  answer = async message => Buffer.concat([Buffer.from('said '), message])
})
afterAll(async () => {
  session.destroy()
  await server.stop(0)
  await rm(directory, { recursive: true, force: true })
})

function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

interface Said {
  readonly status: unknown
  readonly frame: Buffer
}

function call(send: (stream: ClientHttp2Stream) => void, headers: object = {}): Promise<Said> {
  const stream = session.request({ ...CALL, ...headers })
  const parts: Buffer[] = []
  let status: unknown
  return new Promise((resolve, reject) => {
    stream.on('response', given => {
      status = given['grpc-status'] ?? status
    })
    stream.on('trailers', given => {
      status = given['grpc-status'] ?? status
    })
    stream.on('data', (part: Buffer) => void parts.push(part))
    stream.on('end', () => resolve({ status, frame: Buffer.concat(parts) }))
    stream.on('error', reject)
    send(stream)
  })
}

describe('a method that is answered often', () => {
  test('is answered with its message', async () => {
    const said = await call(stream => stream.end(framed(Buffer.from('hello'))))
    expect(said).toEqual({ status: '0', frame: framed(Buffer.from('said hello')) })
  })

  test('is answered to the library’s own client, many times at once', async () => {
    const client = new Client(`unix:${join(directory, 's')}`, credentials.createInsecure())
    const same = (bytes: Buffer) => bytes
    const ask = (text: string) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(PATH, same, same, Buffer.from(text), (error, said) =>
          error === null ? resolve(String(said)) : reject(error),
        )
      })
    const texts = Array.from({ length: 200 }, (_, at) => `m${at}`)
    expect(await Promise.all(texts.map(ask))).toEqual(texts.map(text => `said ${text}`))
    client.close()
  })

  test('leaves nothing with its stream, which Node.js keeps for longer', async () => {
    const streams: ServerHttp2Stream[] = []
    const note = (created: unknown) => void streams.push((created as { readonly stream: ServerHttp2Stream }).stream)
    subscribe('http2.server.stream.created', note)
    try {
      await call(stream => stream.end(framed(Buffer.from('hello'))))
      await until('the stream to end', () => streams.length === 1 && streams[0]?.destroyed === true)
      await until('its listeners to go', () => streams[0]?.eventNames().length === 0)
    } finally {
      unsubscribe('http2.server.stream.created', note)
    }
  })

  test('has its message whole, in however many pieces it came', async () => {
    const message = randomBytes(3 * MIB)
    answer = async got => Buffer.from(String(got.equals(message)))
    const said = await call(stream => {
      const whole = framed(message)
      for (let at = 0; at < whole.length; at += 100_003) stream.write(whole.subarray(at, at + 100_003))
      stream.end()
    })
    expect(said).toEqual({ status: '0', frame: framed(Buffer.from('true')) })
  })

  test.each([
    { name: 'no message', frame: Buffer.alloc(0), want: '13' },
    { name: 'half a prefix', frame: Buffer.alloc(3), want: '13' },
    { name: 'less than it says', frame: framed(Buffer.from('hello')).subarray(0, 8), want: '13' },
    { name: 'two messages', frame: Buffer.concat([framed(Buffer.from('a')), framed(Buffer.from('b'))]), want: '13' },
    { name: 'a compressed message', frame: framed(Buffer.from('a'), 1), want: '12' },
    { name: 'more than is read', frame: framed(Buffer.alloc(8 * MIB + 1)), want: '8' },
  ])('with $name is not asked at all', async ({ frame, want }) => {
    expect(await call(stream => stream.end(frame))).toEqual({ status: want, frame: Buffer.alloc(0) })
    expect(heard).toEqual([])
  })

  test('without an answer is no answer to the client either', async () => {
    answer = () => Promise.reject(new Error('nothing to say'))
    expect(await call(stream => stream.end(framed(Buffer.from('x'))))).toEqual({ status: '14', frame: Buffer.alloc(0) })
  })

  test('that was hung up on troubles no other one', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    answer = () => promise
    const stream = session.request(CALL)
    stream.on('error', () => undefined)
    stream.end(framed(Buffer.from('first')))
    await until('the call', () => heard.length === 1)
    stream.close(8)
    await until('the end of the call', () => stream.closed)
    resolve(Buffer.from('late'))
    answer = async () => Buffer.from('fine')
    expect((await call(other => other.end(framed(Buffer.from('second'))))).frame).toEqual(framed(Buffer.from('fine')))
  })

  test.each([
    { name: 'another method', headers: { ':path': '/test.Service/Other' } },
    { name: 'another encoding', headers: { 'grpc-encoding': 'gzip' } },
    { name: 'another content type', headers: { 'content-type': 'application/grpc+json' } },
  ])('$name is the library’s to answer, which knows none', async ({ headers }) => {
    expect((await call(stream => stream.end(framed(Buffer.from('x'))), headers)).status).toBe('12')
    expect(heard).toEqual([])
  })
})
