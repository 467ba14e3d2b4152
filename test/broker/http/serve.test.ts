import { get } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { type Served, serve } from '../../../src/broker/serve.ts'
import type { KeyPair } from '../../../src/certificates/certificate.ts'
import { HeldCertificate } from '../../../src/certificates/held-certificate.ts'
import { anAuthority, held, type Mounted, mounted } from '../../certificates/mounted.ts'

const SERVER = 'broker.leasegate.internal'
const asked: string[] = []
let authority: KeyPair
let mount: Mounted
let certificate: HeldCertificate
let served: Served
let port: number

beforeAll(async () => {
  authority = await anAuthority()
  mount = await mounted(await held(authority, [SERVER], 'server'))
  certificate = await HeldCertificate.open({ files: mount.files, onProblem: () => undefined })
  port = await freePort()
  served = await serve({
    fetch: request => {
      asked.push(request.url)
      return new Response('ok')
    },
    address: { kind: 'tcp', host: '127.0.0.1', port },
    guard: { held: certificate, clientName: 'envoy.leasegate.internal', onRefused: () => undefined },
    drainMs: 1000,
  })
})
afterAll(async () => {
  await served.stop()
  certificate.close()
  await mount.remove()
})

/** The status, or why there is none, for whoever has this name. */
async function ask(name: string): Promise<number | string | undefined> {
  const { 'tls.crt': cert, 'tls.key': key } = await held(authority, [name], 'client')
  const options = { port, host: '127.0.0.1', servername: SERVER, ca: authority.certificate, cert, key, agent: false }
  return new Promise(resolve => {
    get(options, response => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
}

describe('serve', () => {
  test('over TCP answers Envoy, and hears nothing of what others say', async () => {
    expect(await ask('envoy.leasegate.internal')).toBe(200)
    asked.splice(0)
    expect(await ask('authorizer.leasegate.internal')).toBe('ECONNRESET')
    expect(asked).toEqual([])
  })
})
