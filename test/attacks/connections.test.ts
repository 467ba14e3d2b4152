import { connect as tcp } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const LIST = 'GET /api/v1/namespaces/dev/pods'

let boundary: Boundary
const sockets: TLSSocket[] = []

beforeAll(async () => {
  boundary = await aBoundary()
  expect((await boundary.send('reads', LIST)).status).toBe(200)
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => boundary.stop())

/** A connection that is through its handshake and says nothing; with the session of another one that costs next to nothing. */
function silent(session?: Buffer): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: boundary.port,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
    ...(session === undefined ? {} : { session }),
  })
  sockets.push(socket)
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('secureConnect', () => resolve(socket))
  })
}

describe('while somebody', () => {
  test('holds 10 001 connections that say nothing, others connect and are answered', async () => {
    const session = (await silent()).getSession()
    let left = 10_000
    const openSome = async (): Promise<void> => {
      while (left-- > 0) await silent(session)
    }
    await Promise.all(Array.from({ length: 100 }, openSome))
    for (let i = 0; i < 20; i++) expect((await boundary.send('reads', LIST)).status).toBe(200)
    expect(sockets).toHaveLength(10_001)
  }, 240_000)

  test('does not finish a handshake, the connection ends', async () => {
    const hello = Buffer.from('160301020001', 'hex')
    const halfway = [Buffer.alloc(0), hello].map(first => {
      const socket = tcp(boundary.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(first)
      return socket
    })
    await until('their ends', () => halfway.every(socket => socket.destroyed || socket.readableEnded), 30_000)
  })
})
