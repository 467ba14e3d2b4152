import type { Server, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js'
import { serviceDefinition } from '../../../../src/envoy/server/protos.ts'

interface Duration {
  readonly seconds?: number
  readonly nanos?: number
}

interface Entry {
  readonly common_properties?: Readonly<Record<string, Duration | undefined>>
}

interface Message {
  readonly http_logs?: { readonly log_entry?: readonly Entry[] }
}

/** One request by Envoy's own clock, milliseconds each; together they are all of its time in Envoy. */
export interface Stages {
  /** From its first byte until it goes on to the API server: its body, the checks, and what Envoy does itself. */
  readonly boundary: number
  /** From there to the first byte of the answer. */
  readonly apiServer: number
  /** From there until all of it is with the client's kernel. */
  readonly back: number
}

/** A tap that keeps nothing but Envoy's own times. */
export function tapOfStages(onStages: (stages: Stages) => void): (server: Server) => void {
  return server => {
    server.addService(serviceDefinition('envoy.service.accesslog.v3.AccessLogService'), {
      StreamAccessLogs: (call: ServerReadableStream<Message, object>, respond: sendUnaryData<object>) => {
        call.on('data', ({ http_logs }: Message) => {
          for (const entry of http_logs?.log_entry ?? []) onStages(toStages(entry))
        })
        call.on('end', () => respond(null, {}))
        call.on('error', () => undefined)
      },
    })
  }
}

function toStages({ common_properties: times = {} }: Entry): Stages {
  const at = (name: string): number => {
    const { seconds = 0, nanos = 0 } = times[`time_to_${name}_byte`] ?? {}
    return Number(seconds) * 1000 + nanos / 1e6
  }
  const [sent, answered] = [at('first_upstream_tx'), at('first_upstream_rx')]
  return { boundary: sent, apiServer: answered - sent, back: at('last_downstream_tx') - answered }
}
