import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import type { CertificateFiles } from '../pki.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

/** What an API server answers to an administrator: asked every few milliseconds while it comes up, which is too often for a command. */
export type Look = (path: string) => Promise<Answer>

export async function administratorAt(port: number, caFile: string, files: CertificateFiles): Promise<Look> {
  const [ca, cert, key] = await Promise.all([caFile, files.certificateFile, files.keyFile].map(file => readFile(file)))
  return path => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    // Without connections that stay: the server is asked a few times and never again.
    const asking = request({ host: '127.0.0.1', port, path, ca, cert, key, agent: false }, answer => {
      let body = ''
      answer.setEncoding('utf8').on('data', text => (body += text))
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      answer.once('error', reject)
    })
    asking.once('error', reject)
    asking.end()
    return promise
  }
}
