import { timingSafeEqual } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'
const PATH = '/signed-in'
const MAX_QUERY = 8192

export interface CameBack {
  readonly query: string
  /** What the browser shows, once it is known how it went. */
  readonly show: (text: string) => void
}

/** Where the browser comes back to (RFC 8252 7.3): a port of this machine alone, for this one login. */
export interface Loopback extends AsyncDisposable {
  readonly redirectUri: string
  /** The one answer that belongs to this login; whatever else comes is told nothing, and ends nothing. Rejects when the signal says so. */
  wait(state: string, signal: AbortSignal): Promise<CameBack>
}

export async function openLoopback(): Promise<Loopback> {
  let onRequest: http.RequestListener = (_, response) => answer(response, 404, 'There is nothing here.')
  const server = http.createServer({ requestTimeout: 10_000, maxHeaderSize: 16_384 }, (request, response) =>
    onRequest(request, response),
  )
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(0, HOST, resolve))
  const host = `${HOST}:${(server.address() as AddressInfo).port}`
  return {
    redirectUri: `http://${host}${PATH}`,
    wait: (state, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        let isOver = false
        onRequest = (request, response) => {
          const query = isOver ? null : queryOf(request, host, state)
          if (query === null) return answer(response, 404, 'There is nothing here.')
          isOver = true
          resolve({ query, show: text => answer(response, 200, text) })
        }
      }),
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeIdleConnections()
        // A browser may have opened more connections than it used.
        setTimeout(() => server.closeAllConnections(), 500).unref()
      })
    },
  }
}

/** Null for what does not belong to this login: another name that leads here, another path, another state. */
function queryOf({ method, url = '', headers }: http.IncomingMessage, host: string, state: string): string | null {
  if (method !== 'GET' || headers.host !== host || url.length > MAX_QUERY) return null
  const to = URL.parse(url, `http://${host}`)
  if (to?.pathname !== PATH) return null
  const [given = '', ...others] = to.searchParams.getAll('state')
  return others.length === 0 && isSame(given, state) ? to.search : null
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function answer(response: http.ServerResponse, status: number, text: string): void {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  }
  response.writeHead(status, headers).end(`${text}\n`)
}
