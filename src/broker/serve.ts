import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type ListenAddress, listen } from '../support/listen.ts'

/** Larger request heads are refused by the parser (431). */
const MAX_HEADERS = 32_768
const REQUEST_MS = 10_000

interface Serving {
  readonly fetch: (request: Request) => Response | Promise<Response>
  readonly address: ListenAddress
  /** How long running requests may take once it stops. */
  readonly drainMs: number
}

export interface Served {
  readonly server: Server
  /** Takes no new requests, lets the running ones finish within the drain limit. */
  stop(): Promise<void>
}

export async function serve({ fetch, address, drainMs }: Serving): Promise<Served> {
  const server = createServer(
    { maxHeaderSize: MAX_HEADERS, headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS },
    getRequestListener(fetch, { overrideGlobalObjects: false, hostname: 'broker' }),
  )
  await listen(server, address)
  return { server, stop: () => stop(server, drainMs) }
}

async function stop(server: Server, drainMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeIdleConnections()
  const timeUp = setTimeout(() => server.closeAllConnections(), drainMs)
  await promise
  clearTimeout(timeUp)
}
