import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import type { Cluster } from '../../../local/cluster/cluster.ts'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly contentType: string
  readonly body: string | Uint8Array
  readonly accept?: string
}

/** Sends to the API server itself, as somebody who may do everything; gives the status. */
export async function asAdmin(cluster: Cluster): Promise<(sent: Sent) => Promise<number>> {
  const files = await cluster.authority.issue({ name: 'tester', subject: 'CN=tester, O=system:masters' })
  const [ca, cert, key] = await Promise.all([
    readFile(cluster.caFile),
    readFile(files.certificateFile),
    readFile(files.keyFile),
  ])
  return ({ method, path, contentType, body, accept = '*/*' }) =>
    new Promise((resolve, reject) => {
      const typed = contentType === '' ? {} : { 'content-type': contentType }
      const headers = { accept, ...typed, 'content-length': Buffer.byteLength(body) }
      const sending = request({ host: '127.0.0.1', port: cluster.port, ca, cert, key, method, path, headers })
      sending.once('response', answer => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
      })
      sending.once('error', reject)
      sending.end(body)
    })
}
