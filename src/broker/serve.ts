import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { type Guard, guardedOptions, guardServer } from '../certificates/guarded-server.ts'
import { type ListenAddress, listen } from '../support/net/listen.ts'

/** Larger request heads are refused by the parser (431). */
const LIMITS = { maxHeaderSize: 32_768, headersTimeout: 10_000, requestTimeout: 10_000 } as const

interface Serving {
  readonly fetch: (request: Request) => Response | Promise<Response>
  readonly address: ListenAddress
  /** Whoever connects over TCP shows who they are; null: it listens where nobody else can come. */
  readonly guard: Guard | null
  /** How long running requests may take once it stops. */
  readonly drainMs: number
}

export interface Served {
  readonly server: Server
  /** Takes no new requests, lets the running ones finish within the drain limit. */
  stop(): Promise<void>
}

export async function serve({ fetch, address, guard, drainMs }: Serving): Promise<Served> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false, hostname: 'broker' })
  const server = guard === null || address.kind === 'unix' ? createServer(LIMITS, listener) : guarded(guard, listener)
  await listen(server, address)
  return { server, stop: () => stop(server, drainMs) }
}

function guarded(guard: Guard, listener: ReturnType<typeof getRequestListener>): Server {
  const server = createTlsServer({ ...LIMITS, ...guardedOptions(guard, 'http/1.1') }, listener)
  guardServer(server, guard)
  return server
}

async function stop(server: Server, drainMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeIdleConnections()
  const timeUp = setTimeout(() => server.closeAllConnections(), drainMs)
  await promise
  clearTimeout(timeUp)
}
