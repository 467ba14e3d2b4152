import { once } from 'node:events'
import { connect } from 'node:http2'
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import type { KeyPair } from '../../../src/certificates/certificate.ts'
import type { Guard } from '../../../src/certificates/guarded-server.ts'
import { HeldCertificate } from '../../../src/certificates/held-certificate.ts'
import { type GrpcServer, startGrpcServer, toDoor } from '../../../src/envoy/server/grpc-server.ts'
import { anAuthority, held, type Mounted, mounted } from '../../certificates/mounted.ts'
import { until } from '../../support/until.ts'

const NAME = 'envoy.leasegate.internal'
const SERVER = 'tap.leasegate.internal'
const refused: string[] = []
let authority: KeyPair
let stranger: KeyPair
let mount: Mounted
let guard: Guard
let server: GrpcServer
let port: number

beforeAll(async () => {
  authority = await anAuthority()
  stranger = await anAuthority()
  mount = await mounted(await held(authority, [SERVER], 'server'))
  const certificate = await HeldCertificate.open({ files: mount.files, onProblem: () => undefined, everyMs: 5 })
  guard = { held: certificate, clientName: NAME, onRefused: why => refused.push(why) }
  port = await freePort()
  server = await startGrpcServer({
    door: toDoor({ kind: 'tcp', host: '127.0.0.1', port }, guard),
    addServices: () => undefined,
  })
})
afterAll(async () => {
  await server.stop(0)
  guard.held.close()
  await mount.remove()
})

type Shown = Pick<ConnectionOptions, 'cert' | 'key' | 'maxVersion'>

async function shown(by: KeyPair, names: readonly string[], usage: 'client' | 'server' = 'client'): Promise<Shown> {
  const { 'tls.crt': cert, 'tls.key': key } = await held(by, names, usage)
  return { cert, key }
}

/** The status that the health service answers with, or why there is none. */
function health(options: Shown): Promise<string> {
  return new Promise(resolve => {
    const session = connect(`https://127.0.0.1:${port}`, { ...options, ca: authority.certificate, servername: SERVER })
    const end = (what: string) => {
      session.destroy()
      resolve(what)
    }
    session.once('error', error => end(`none: ${(error as NodeJS.ErrnoException).code}`))
    session.once('close', () => end('none: closed'))
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    call.once('trailers', trailers => end(`status ${trailers['grpc-status']}`))
    call.once('error', error => end(`none: ${(error as NodeJS.ErrnoException).code}`))
    call.resume().end(Buffer.alloc(5))
  })
}

describe('a gRPC server on TCP', () => {
  test('answers whoever has the name', async () => {
    expect(await health(await shown(authority, [NAME]))).toBe('status 0')
    expect(await health(await shown(authority, ['other.example', NAME]))).toBe('status 0')
  })

  test.each<{ name: string; show: () => Promise<Shown> }>([
    { name: 'shows nothing', show: async () => ({}) },
    { name: 'has another name', show: () => shown(authority, ['authorizer.leasegate.internal']) },
    { name: 'has a name that it is part of', show: () => shown(authority, [`x.${NAME}`]) },
    { name: 'has a pattern that fits', show: () => shown(authority, ['*.leasegate.internal']) },
    { name: 'was signed by somebody else', show: () => shown(stranger, [NAME]) },
    { name: 'has a certificate for servers', show: () => shown(authority, [NAME], 'server') },
    { name: 'speaks TLS 1.2', show: async () => ({ ...(await shown(authority, [NAME])), maxVersion: 'TLSv1.2' }) },
  ])('does not answer whoever $name', async ({ show }) => {
    refused.splice(0)
    expect(await health(await show())).toMatch(/^none: /)
    await until('it to be told', () => refused.length > 0)
  })

  test('shows a renewed certificate to those who come later, and goes on with those who came before', async () => {
    const options = await shown(authority, [NAME])
    const before = await handshake(options)
    const renewed = await held(authority, [SERVER], 'server')
    await mount.put(renewed)
    await until('the new certificate', async () => {
      const later = await handshake(options)
      later.destroy()
      return later.fingerprint !== before.fingerprint
    })
    expect(before.socket.destroyed).toBe(false)
    expect(await health(options)).toBe('status 0')
    before.destroy()
  })

  test('does not open on TCP without a guard', () => {
    expect(() => toDoor({ kind: 'tcp', host: '0.0.0.0', port: 1 }, null)).toThrow(/LEASEGATE_TLS_CERT_FILE/)
  })

  test('is closed after its stop', async () => {
    const unused = await freePort()
    const other = await startGrpcServer({
      door: toDoor({ kind: 'tcp', host: '127.0.0.1', port: unused }, guard),
      addServices: () => undefined,
    })
    await other.stop(1000)
    const failed = await new Promise(resolve => {
      tlsConnect({ port: unused, host: '127.0.0.1' }).once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code),
      )
    })
    expect(failed).toBe('ECONNREFUSED')
  })
})

describe('a gRPC server on TCP that is told to end', () => {
  const LIMIT_MS = 30_000

  test.each([
    { name: 'waits for what runs', limitMs: LIMIT_MS, order: ['asked to go', 'gone', 'stopped'] },
    { name: 'ends at its limit what still runs', limitMs: 0, order: ['asked to go', 'stopped'] },
  ])('$name', async ({ limitMs, order }) => {
    const own = await freePort()
    const door = toDoor({ kind: 'tcp', host: '127.0.0.1', port: own }, guard)
    const ending = await startGrpcServer({ door, addServices: () => undefined })
    const options = { ...(await shown(authority, [NAME])), ca: authority.certificate, servername: SERVER }
    const session = connect(`https://127.0.0.1:${own}`, options)
    const seen: string[] = []
    session.on('error', () => undefined).on('goaway', () => seen.push('asked to go'))
    const watch = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    watch.on('error', () => undefined).end(Buffer.alloc(5))
    await once(watch, 'data')
    const stopped = ending.stop(limitMs).then(() => seen.push('stopped'))
    if (limitMs > 0) {
      await until('it to be asked', () => seen.length > 0)
      seen.push('gone')
      session.destroy()
    }
    await stopped
    expect([...new Set(seen)]).toEqual(order)
  })
})

async function handshake(options: Shown): Promise<{ socket: TLSSocket; fingerprint: string; destroy: () => void }> {
  const socket = tlsConnect({
    ...options,
    port,
    host: '127.0.0.1',
    ca: authority.certificate,
    servername: SERVER,
    ALPNProtocols: ['h2'],
  })
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  return { socket, fingerprint: socket.getPeerCertificate().fingerprint256, destroy: () => socket.destroy() }
}
