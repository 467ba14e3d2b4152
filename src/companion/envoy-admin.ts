import { request } from 'node:http'

export interface AdminAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** Envoy's admin endpoint, on the socket that it shares with nobody else. */
export interface EnvoyAdmin {
  /** Rejects when Envoy does not answer within the time. */
  ask(method: 'GET' | 'POST', path: string): Promise<AdminAnswer>
}

const WITHIN_MS = 5000

export function envoyAdmin(socketPath: string): EnvoyAdmin {
  return {
    ask: (method, path) =>
      new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(WITHIN_MS)
        const asking = request({ socketPath, method, path, signal }, response => {
          let text = ''
          response.setEncoding('utf8').on('data', part => {
            text += part
          })
          response.once('error', reject)
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', text }),
          )
        })
        asking.once('error', reject)
        asking.end()
      }),
  }
}
