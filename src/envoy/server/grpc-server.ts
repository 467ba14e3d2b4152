import { chmod, lstat, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'

/** A write of 3 MiB and its headers. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

export interface GrpcServer {
  /** Says NOT_SERVING, so that Envoy turns to another one; requests are still answered. */
  readonly leave: () => void
  /** Waits for what runs, at most until the limit, then ends the rest. */
  readonly stop: (limitMs: number) => Promise<void>
}

interface Listening {
  /** Path of a Unix socket, open to our own user alone. */
  readonly socket: string
  readonly addServices: (server: Server) => void
}

/** Listens for Envoy on a 0600 socket. Rejects when another process answers there. */
export async function startGrpcServer({ socket, addServices }: Listening): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // Envoy resets the side stream of every watch that ends; that is no attack.
    'grpc.max_concurrent_streams': 10_000,
  })
  const health = new HealthImplementation({ '': 'SERVING' })
  health.addToServer(server)
  addServices(server)
  await removeStale(socket)
  // The socket must never be there with wider rights, not even for a moment; folders that others make meanwhile must stay usable.
  const before = process.umask(0o077)
  try {
    await bind(server, `unix:${socket}`)
  } finally {
    process.umask(before)
  }
  await chmod(socket, 0o600)
  return {
    leave: () => health.setStatus('', 'NOT_SERVING'),
    stop: limitMs => stop(server, limitMs),
  }
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), error => (error === null ? resolve() : reject(error)))
  })
}

function stop(server: Server, limitMs: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => server.forceShutdown(), limitMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
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
