import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isInitializeRequest, isLegacyRequest } from '@modelcontextprotocol/server'
import { listen } from '../../../support/net/listen.ts'
import { aborted } from '../../../support/process/shutdown.ts'
import { LONGEST_TIMER_MS } from '../../../support/time/longest-timer.ts'
import { brokerClientFor } from '../../broker/broker-client.ts'
import { CliError } from '../../command/cli-error.ts'
import { settings } from '../../command/settings.ts'
import type { Terminal } from '../../command/terminal.ts'
import { readVersion } from '../../version.ts'
import { type Caller, Callers } from './caller.ts'
import { challenge, isMetadataPath, metadata } from './challenge.ts'
import type { HttpServing } from './http-options.ts'
import { Keeper } from './keeper/keeper.ts'
import { MAX_BODY } from './visit.ts'
import { type Found, MOST_OPEN, Visits } from './visits.ts'
import { send, toRequest } from './web.ts'

/** Larger heads are refused by the parser. A request is there within seconds; how long an answer takes is another matter. */
const LIMITS = { maxHeaderSize: 32_768, headersTimeout: 10_000, requestTimeout: 10_000 } as const
const MAX_CONNECTIONS = 1024

/** Serves until it is asked to stop. */
export async function serveHttp(terminal: Terminal, serving: HttpServing): Promise<void> {
  const { boundaryUrl } = settings(terminal, ['brokerUrl', 'boundaryUrl'])
  const stopping = terminal.stopping()
  const brokerFor = (token: () => string) => brokerClientFor(terminal, token)
  const keeper = new Keeper(terminal)
  const around = { version: await readVersion(), boundaryUrl, keeper, brokerFor }
  const visits = new Visits(around, serving.idleMs, said => terminal.note(said))
  const door = new Door(serving, new Callers({ audience: serving.audience, brokerFor }), visits)
  const server = await open(serving, (request, response) => void door.answer(request, response))
  terminal.note(
    `leasegate: MCP at ${serving.resource.href}, listening on port ${(server.address() as AddressInfo).port}\n`,
  )
  const isLost = await Promise.race([aborted(stopping).then(() => false), keeper.gone.then(() => true)])
  server.close()
  await visits.close('its MCP server ended')
  await keeper.stop()
  server.closeAllConnections()
  serving.certificate?.close()
  if (isLost) throw new CliError('unavailable', 'the process that ends leases is gone, and so no more are given')
}

async function open({ address, certificate }: HttpServing, listener: RequestListener): Promise<Server> {
  const minVersion = 'TLSv1.2'
  const server =
    certificate === null
      ? createServer(LIMITS, listener)
      : createTlsServer({ ...LIMITS, cert: certificate.pem.cert, key: certificate.pem.key, minVersion }, listener)
  certificate?.onChange(
    ({ cert, key }) => 'setSecureContext' in server && server.setSecureContext({ cert, key, minVersion }),
  )
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, address).catch((error: Error) => {
    throw new CliError('usage', `cannot listen: ${error.message}`)
  })
  return server
}

/** Who may come in, and to what. */
class Door {
  readonly #serving: HttpServing
  readonly #callers: Callers
  readonly #visits: Visits

  constructor(serving: HttpServing, callers: Callers, visits: Visits) {
    this.#serving = serving
    this.#callers = callers
    this.#visits = visits
  }

  async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    outgoing.setHeader('x-content-type-options', 'nosniff').setHeader('cache-control', 'no-store')
    try {
      await this.#answer(incoming, outgoing)
    } catch {
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    }
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname } = URL.parse(incoming.url ?? '', this.#serving.resource.href) ?? { pathname: '' }
    const elsewhere = this.#elsewhere(incoming)
    if (elsewhere !== null) return send(refusal(403, elsewhere), outgoing)
    if (incoming.method === 'GET' && isMetadataPath(pathname, this.#serving))
      return send(metadata(this.#serving), outgoing)
    if (pathname !== this.#serving.resource.pathname) return send(refusal(404, 'there is nothing here'), outgoing)
    const token = bearerOf(incoming)
    if (token === null) return send(challenge(this.#serving, null), outgoing)
    const called = await this.#callers.find(token)
    if (called.kind === 'caller') return this.#serve(incoming, outgoing, called.caller)
    const { status, message } = called
    await send(status === 401 ? challenge(this.#serving, message) : refusal(status, message), outgoing)
  }

  /** Browsers say whose page asks, and which name they looked up: neither may be another than ours (DNS rebinding). Null where it is ours. */
  #elsewhere({ headers: { host = '', origin } }: IncomingMessage): string | null {
    const { resource, address } = this.#serving
    if (origin !== undefined && origin !== resource.origin) return 'this server is not for pages of other places'
    const listening = `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
    if (host === listening || hostIn(host, resource.protocol) === resource.host) return null
    return `this server is ${resource.href} to its clients, and goes by no other name: use that, or say --resource`
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse, caller: Caller): Promise<void> {
    const gone = new AbortController()
    outgoing.once('close', () => gone.abort())
    const request = await toRequest(incoming, this.#serving.resource, MAX_BODY, gone.signal)
    if (request === null) return send(refusal(413, 'the message is too long'), outgoing)
    const isNew = await isBeginning(request)
    const found = isNew ? this.#visits.begin(caller) : await this.#find(request, caller)
    if (found.kind === 'unknown') return send(refusal(404, 'there is no such session'), outgoing)
    if (found.kind === 'too-many' || found.visit.open >= MOST_OPEN)
      return send(refusal(429, 'too many sessions or requests at once'), outgoing)
    const { visit } = found
    const over = visit.begin()
    // Nobody goes on listening with a token that has ended.
    const timer = setTimeout(() => outgoing.destroy(), Math.min(caller.expiresAt - Date.now(), LONGEST_TIMER_MS))
    try {
      await send(await visit.answer(request, caller), outgoing)
    } finally {
      if (isNew) this.#visits.begun(visit)
      clearTimeout(timer)
      over()
    }
  }

  async #find(request: Request, caller: Caller): Promise<Found> {
    const id = request.headers.get('mcp-session-id')
    if (id !== null) return this.#visits.session(id, caller)
    return (await isLegacyRequest(request)) ? { kind: 'unknown' } : this.#visits.ofCaller(caller)
  }
}

/** As a URL has it: in small letters, and without the port that goes without saying. */
function hostIn(header: string, protocol: string): string | null {
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(header)) return null
  return URL.parse(`${protocol}//${header}`)?.host ?? null
}

/** The first message of a client of before 2026-07-28. */
async function isBeginning(request: Request): Promise<boolean> {
  if (request.method !== 'POST' || request.headers.has('mcp-session-id')) return false
  if (!(await isLegacyRequest(request))) return false
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => null)
  return [body].flat().some(isInitializeRequest)
}

/** Exactly one, in the header alone: what is in a URL is logged. */
function bearerOf({ headers: { authorization = '' } }: IncomingMessage): string | null {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1] ?? null
}

function refusal(status: 403 | 404 | 413 | 429 | 503, message: string): Response {
  const error = { code: -32_000, message }
  const headers = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status, headers })
}
