import { createServer as createPlainServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type ListenAddress, listen } from '../../support/net/listen.ts'
import { type AuditEvent, parseEventList } from './audit-event.ts'

/** Files' contents, PEM. Only clients with a certificate of `clientCa` are heard. */
export interface WebhookTls {
  readonly certificate: string
  readonly key: string
  readonly clientCa: string
}

export interface WebhookSettings {
  readonly address: ListenAddress
  readonly tls: WebhookTls | null
  /** False: not taken, the API server shall send them again. */
  readonly onEvents: (events: readonly AuditEvent[], bad: number) => boolean
}

/** Batches of the API server have 400 events by default; with bodies in them they are large. */
const BODY_LIMIT = 64 * 1024 * 1024

/** Takes what an API server's audit webhook sends: POST of an audit.k8s.io/v1 EventList. */
export async function startAuditWebhook(settings: WebhookSettings): Promise<{ readonly stop: () => Promise<void> }> {
  const server = create(settings.tls, (request, response) => {
    answer(request, settings).then(
      status => response.writeHead(status).end(),
      () => request.destroy(),
    )
  })
  await listen(server, settings.address)
  return {
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function create(tls: WebhookTls | null, listener: RequestListener): Server {
  if (tls === null) return createPlainServer(listener)
  const { certificate, key, clientCa } = tls
  return createTlsServer(
    { cert: certificate, key, ca: clientCa, requestCert: true, rejectUnauthorized: true },
    listener,
  )
}

async function answer(request: IncomingMessage, { onEvents }: WebhookSettings): Promise<number> {
  if (request.method !== 'POST') return 405
  const body = await readBody(request)
  if (body === null) return 413
  const list = parseEventList(body)
  if (list === null) return 400
  return onEvents(list.events, list.bad) ? 200 : 503
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_LIMIT) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
