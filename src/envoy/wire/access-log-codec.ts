import type { ServiceDefinition } from '@grpc/grpc-js'
import { serviceDefinition } from '../server/protos.ts'
import { type AccessLogMessage, readPlainLogs } from './plain-log.ts'

const LIBRARYS = serviceDefinition('envoy.service.accesslog.v3.AccessLogService')['StreamAccessLogs']
if (LIBRARYS === undefined) throw new Error('no StreamAccessLogs in protos/')
const { requestDeserialize } = LIBRARYS

/** Envoy's access log service, whose messages are read by hand where they are plain. */
export const ACCESS_LOGS: ServiceDefinition = { StreamAccessLogs: { ...LIBRARYS, requestDeserialize: readLogs } }

/** What is not plain is the library's to read. Throws on what is no message. */
export function readLogs(bytes: Buffer): AccessLogMessage {
  return readPlainLogs(bytes) ?? (requestDeserialize(bytes) as AccessLogMessage)
}
