import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { freePort } from '../../../local/process/ports.ts'
import { until } from '../../support/until.ts'
import type { CliWorld } from '../cli-world.ts'
import { SURROUNDINGS } from '../leasegate.ts'

const BOUNDARY = 'https://127.0.0.1:6443'

/** `leasegate mcp --http` as a process of its own, which has no identity. */
export class HttpServer {
  readonly url: string
  readonly process: ChildProcess
  readonly exited: Promise<number | null>
  #said = ''

  private constructor(url: string, process: ChildProcess) {
    this.url = url
    this.process = process
    this.exited = once(process, 'exit').then(([code]) => code as number | null)
    process.stderr?.on('data', chunk => {
      this.#said += chunk
    })
  }

  static async start(
    { brokerUrl }: Pick<CliWorld, 'brokerUrl'>,
    options: readonly string[] = ['--audience', 'leasegate'],
    { url = null, env = {} }: { readonly url?: string | null; readonly env?: Record<string, string> } = {},
  ): Promise<HttpServer> {
    const address = `127.0.0.1:${await freePort()}`
    const args = [MAIN, 'mcp', '--http', ...(url === null ? ['--listen', address] : []), ...options]
    if (!options.includes('--issuer')) args.push('--issuer', 'https://login.corp.example')
    const settings = { LEASEGATE_BROKER_URL: brokerUrl, LEASEGATE_BOUNDARY_URL: BOUNDARY, ...env }
    const stdio = ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe']
    const child = spawn(process.execPath, args, { env: { ...SURROUNDINGS, ...settings }, stdio })
    const server = new HttpServer(url ?? `http://${address}/mcp`, child)
    await until(`the MCP server to listen, which said ${server.said}`, () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${server.said}`)
      return server.said.includes('listening')
    })
    return server
  }

  get said(): string {
    return this.#said
  }

  /** What a client of before 2026-07-28 does (`legacy`), or one of today. */
  async client(
    token: () => string | Promise<string>,
    mode: 'legacy' | 'auto',
    options: ClientOptions = {},
  ): Promise<{ readonly client: Client; readonly transport: StreamableHTTPClientTransport }> {
    const transport = this.transport(token)
    const client = new Client({ name: 'a-model', version: '1' }, { ...options, versionNegotiation: { mode } })
    await client.connect(transport)
    return { client, transport }
  }

  transport(token: () => string | Promise<string>): StreamableHTTPClientTransport {
    return new StreamableHTTPClientTransport(new URL(this.url), { authProvider: { token: async () => token() } })
  }

  /** One message, as bytes on the wire. */
  post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const accept = 'application/json, text/event-stream'
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headers },
      body: text,
    })
  }

  async stop(): Promise<number | null> {
    if (this.process.exitCode === null) this.process.kill('SIGTERM')
    return this.exited
  }
}

/** The first message of a session. */
export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a-model', version: '1' } },
}
