import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type GrpcServer, startGrpcServer } from '../../../src/envoy/server/grpc-server.ts'
import { until } from '../../support/until.ts'

const directory = await mkdtemp(join(tmpdir(), 'lg-grpc-'))
const running: GrpcServer[] = []
let sockets = 0

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop(0)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const aSocket = () => join(directory, `s${sockets++}`)

async function start(socket: string): Promise<GrpcServer> {
  const server = await startGrpcServer({ door: { kind: 'unix', path: socket }, addServices: () => undefined })
  running.push(server)
  return server
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

function answers(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(socket, () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

describe('startGrpcServer', () => {
  test('listens on a socket that is open to its owner alone, whatever the umask, and leaves the umask as it was', async () => {
    const before = process.umask(0)
    try {
      const socket = aSocket()
      await start(socket)
      expect(await modeOf(socket)).toBe(0o600)
      expect(process.umask()).toBe(0)
    } finally {
      process.umask(before)
    }
  })

  test('takes the place of a socket that a dead process left behind', async () => {
    const socket = aSocket()
    const dead = createServer().listen(`${socket}.elsewhere`)
    await new Promise(resolve => dead.once('listening', resolve))
    // Closing removes the path that it was bound to, which is this one no longer.
    await rename(`${socket}.elsewhere`, socket)
    await new Promise(resolve => dead.close(resolve))
    expect(await answers(socket)).toBe(false)
    await start(socket)
    expect(await answers(socket)).toBe(true)
    expect(await modeOf(socket)).toBe(0o600)
  })

  test('does not take a socket that somebody answers on', async () => {
    const socket = aSocket()
    await start(socket)
    await expect(start(socket)).rejects.toThrow(`another process listens on ${socket}`)
    expect(await answers(socket)).toBe(true)
  })

  test('does not take a file that is no socket', async () => {
    const file = aSocket()
    await writeFile(file, 'precious')
    await expect(start(file)).rejects.toThrow('is no socket')
    expect(await readFile(file, 'utf8')).toBe('precious')
  })

  test('frees its socket when it stops', async () => {
    const socket = aSocket()
    const server = await start(socket)
    await server.stop(1000)
    expect(await answers(socket)).toBe(false)
    await start(socket)
  })

  test('goes on with the other streams of a connection on which thousands were reset, as Envoy resets them', async () => {
    const socket = aSocket()
    await start(socket)
    const session = connectHttp2('http://authorizer', { createConnection: () => connect(socket) })
    const problems: unknown[] = []
    session.on('error', problem => problems.push(problem))
    session.on('goaway', code => problems.push(`GOAWAY ${code}`))
    const open = () =>
      session.request({
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Watch',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
    try {
      const watch = open()
      let answers = 0
      watch.on('data', () => {
        answers++
      })
      // An empty HealthCheckRequest: the server's state, at once and whenever it changes.
      watch.end(Buffer.alloc(5))
      await until('the first answer', () => answers === 1)
      let reset = 0
      for (let round = 0; round < 50; round++) {
        const many = Array.from({ length: 100 }, open)
        for (const stream of many) {
          stream.on('error', () => undefined)
          stream.on('close', () => {
            reset++
          })
          stream.close(constants.NGHTTP2_CANCEL)
        }
        await until('the resets', () => reset === (round + 1) * 100 || problems.length > 0)
      }
      running.at(-1)?.leave()
      await until('the second answer', () => answers === 2 || problems.length > 0)
      expect(problems).toEqual([])
    } finally {
      session.destroy()
    }
  })
})
