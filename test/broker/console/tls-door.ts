import { mkdtemp, readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../../../local/pki.ts'
import { freePort } from '../../../local/process/ports.ts'

export interface TlsDoor {
  readonly port: number
  stop(): Promise<void>
}

/** In Envoy's place before the broker: browsers want TLS. */
export async function openTlsDoor(socketPath: string, host: string): Promise<TlsDoor> {
  const authority = await createAuthority(await mkdtemp(join(tmpdir(), 'leasegate-door-')))
  const files = await authority.issue({ name: 'door', subject: `CN=${host}`, servedAs: [host] })
  const [cert, key] = await Promise.all([readFile(files.certificateFile), readFile(files.keyFile)])
  const server = https.createServer({ cert, key }, (incoming, outgoing) => {
    const { method, url, headers } = incoming
    const asking = http.request({ socketPath, method, path: url, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    asking.on('error', () => outgoing.destroy())
    incoming.pipe(asking)
  })
  const port = await freePort()
  await new Promise<void>(resolve => void server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
