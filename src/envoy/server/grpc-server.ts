import { chmod, lstat, rm } from 'node:fs/promises'
import type { Http2Server, ServerOptions } from 'node:http2'
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { type Guard, guardedOptions, guardServer } from '../../certificates/guarded-server.ts'
import { type ListenAddress, listen } from '../../support/net/listen.ts'
import { Connections } from './connections.ts'
import { addHealth } from './health-service.ts'
import { answerPast, type UnaryMethod } from './unary.ts'

/** A write of 3 MiB and its headers. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

export interface GrpcServer {
  /** Says NOT_SERVING, so that Envoy turns to another one; requests are still answered. */
  readonly leave: () => void
  /** Each Envoy that is connected has heard that. */
  readonly isHeard: () => boolean
  /** Resolves once no Envoy is connected. */
  readonly alone: () => Promise<void>
  /** Waits for what runs, at most until the limit, then ends the rest. */
  readonly stop: (limitMs: number) => Promise<void>
}

interface Listening {
  readonly door: GrpcDoor
  readonly addServices: (server: Server) => void
  /** Also added as a service, for calls that are not quite as Envoy's. */
  readonly often?: UnaryMethod
}

/** Where Envoy comes in: a Unix socket, open to our own user alone, or TCP, open to whoever the guard lets in. */
export type GrpcDoor =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly guard: Guard }

/** Throws where an address on the network would be open to everybody. */
export function toDoor(address: ListenAddress, guard: Guard | null): GrpcDoor {
  if (address.kind === 'unix') return address
  if (guard === null)
    throw new Error('to listen on TCP it needs LEASEGATE_TLS_CERT_FILE, _KEY_FILE and _CLIENT_CA_FILE')
  return { ...address, guard }
}

/**
 * Envoy resets the side stream of every watch that ends. By default Node takes 1000 resets in a burst and 33 a second after that for an
 * attack, and closes the connection with all its streams. The peer is Envoy alone, which has limits of its own for its clients.
 */
const RESETS = { streamResetBurst: 1_000_000, streamResetRate: 1_000_000 }

/** More than Envoy sends in one message, so that it never waits with half of one: what a stream has not sent when it ends is lost. */
export const WINDOW_BYTES = 16 * 1024 * 1024

/** Listens for Envoy. Rejects when another process answers there. */
export async function startGrpcServer({ door, addServices, often }: Listening): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': 10_000,
  })
  // The library has no option for it, and makes its HTTP/2 server of these; see the test of many short streams.
  const { commonServerOptions } = server as unknown as { readonly commonServerOptions: ServerOptions }
  Object.assign(commonServerOptions, RESETS, {
    settings: { ...commonServerOptions.settings, initialWindowSize: WINDOW_BYTES },
  })
  const health = addHealth(server)
  addServices(server)
  // The library's own TLS knows no names of clients, and its servers do not tell who hangs up: connections are handed to it.
  const { injectConnection } = server.createConnectionInjector(ServerCredentials.createInsecure())
  const { http2Servers } = server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> }
  if (often !== undefined) for (const http2 of http2Servers.keys()) answerPast(http2, often, MAX_MESSAGE_BYTES)
  const connections = new Connections(health.hungUp)
  const take = (socket: Socket): void => {
    if (socket.destroyed) return
    connections.add(socket)
    injectConnection(socket)
  }
  const open = door.kind === 'tcp' ? await listenGuarded(door, take) : await listenOnSocket(door.path, take)
  return {
    leave: health.leave,
    isHeard: health.isHeard,
    alone: () => connections.none(),
    stop: async limitMs => {
      open.close()
      const late = setTimeout(() => server.forceShutdown(), limitMs)
      // It asks each peer to go, which it does when what runs is over. It calls back at once, for the connections are not its own.
      server.tryShutdown(() => undefined)
      await connections.none()
      clearTimeout(late)
    },
  }
}

/** Connections are taken when they are through the guard. */
async function listenGuarded(
  { host, port, guard }: Extract<GrpcDoor, { kind: 'tcp' }>,
  take: (socket: Socket) => void,
): Promise<NetServer> {
  const tls = createTlsServer(guardedOptions(guard, 'h2'), take)
  guardServer(tls, guard)
  await listen(tls, { kind: 'tcp', host, port })
  return tls
}

async function listenOnSocket(path: string, take: (socket: Socket) => void): Promise<NetServer> {
  await removeStale(path)
  const server = createServer(take)
  await listen(server, { kind: 'unix', path })
  await chmod(path, 0o600)
  return server
}

/** A socket that a killed process left behind is removed; one that somebody answers on is not ours to take. */
async function removeStale(socket: string): Promise<void> {
  const found = await lstat(socket).catch(() => null)
  if (found === null) return
  if (!found.isSocket()) throw new Error(`${socket} is there and is no socket`)
  if (await isAnswered(socket)) throw new Error(`another process listens on ${socket}`)
  await rm(socket, { force: true })
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(socket)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
