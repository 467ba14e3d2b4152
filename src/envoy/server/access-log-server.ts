import type { Server, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js'
import type { Outcome } from '../../record/outcome.ts'
import { type HttpAccessLogEntry, toOutcome } from '../to-outcome.ts'
import { type PutOff, toPutOff } from '../to-put-off.ts'
import { serviceDefinition } from './protos.ts'

interface StreamAccessLogsMessage {
  readonly http_logs?: { readonly log_entry?: readonly HttpAccessLogEntry[] }
}

/** Serves Envoy's access log service. Envoy delivers at most once: what is lost here shows as an unknown outcome. */
export function addAccessLog(server: Server, onOutcome: (outcome: Outcome) => void): void {
  serve(server, entry => onOutcome(toOutcome(entry, Date.now())))
}

/** The same for the few entries that Envoy sends the authorizer. What is lost leaves a yes used. */
export function addPutOffLog(server: Server, onPutOff: (putOff: PutOff) => void): void {
  serve(server, entry => {
    const putOff = toPutOff(entry)
    if (putOff !== null) onPutOff(putOff)
  })
}

function serve(server: Server, onEntry: (entry: HttpAccessLogEntry) => void): void {
  server.addService(serviceDefinition('envoy.service.accesslog.v3.AccessLogService'), {
    StreamAccessLogs: (call: ServerReadableStream<StreamAccessLogsMessage, object>, respond: sendUnaryData<object>) => {
      call.on('data', ({ http_logs }: StreamAccessLogsMessage) => {
        for (const entry of http_logs?.log_entry ?? []) onEntry(entry)
      })
      call.on('end', () => respond(null, {}))
      call.on('error', () => undefined)
    },
  })
}
