import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import { serviceDefinition } from './protos.ts'

export interface HealthService {
  /** Says NOT_SERVING from now on, so that Envoy turns to another one. */
  readonly leave: () => void
  /** Whoever asks how we are has heard that we leave, or is gone. */
  readonly isHeard: () => boolean
  /** A connection of this peer has ended. */
  readonly hungUp: (peer: string) => void
}

/** The standard's own service, of the server as a whole. Each Envoy asks over a connection of its own, as long as it lives. */
export function addHealth(server: Server): HealthService {
  /** By peer, how often it was told. One that asks again has read the answer before. */
  const asking = new Map<string, number>()
  const watching = new Set<ServerWritableStream<object, object>>()
  let status = 'SERVING'
  const note = (peer: string): void => {
    if (status === 'SERVING') asking.set(peer, 0)
    else if ((asking.get(peer) ?? 1) >= 1) asking.delete(peer)
    else asking.set(peer, 1)
  }
  server.addService(serviceDefinition('grpc.health.v1.Health'), {
    Check: (call: ServerUnaryCall<object, object>, respond: sendUnaryData<object>) => {
      note(call.getPeer())
      respond(null, { status })
    },
    Watch: (call: ServerWritableStream<object, object>) => {
      watching.add(call)
      call.on('cancelled', () => void watching.delete(call))
      call.write({ status })
    },
  })
  return {
    leave: () => {
      status = 'NOT_SERVING'
      for (const call of watching) call.write({ status })
    },
    isHeard: () => asking.size === 0,
    hungUp: peer => void asking.delete(peer),
  }
}
