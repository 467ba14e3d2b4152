import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { SECRET } from './telling-world.ts'

export interface Got {
  readonly at: number
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody else's server: keeps what it was sent, and answers as the test says. */
export class Hook {
  readonly got: Got[] = []
  readonly url: string
  answer: (got: Got, response: ServerResponse) => void = (_, response) => void response.writeHead(204).end()
  readonly #server: http.Server

  private constructor(server: http.Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  }

  static async start(): Promise<Hook> {
    const server = http.createServer()
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    const hook = new Hook(server)
    server.on('request', async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString()
      const got = { at: Date.now(), path: request.url ?? '', headers: request.headers, body }
      hook.got.push(got)
      hook.answer(got, response)
    })
    return hook
  }

  /** What it was told of a question, verified as the standard's own library does. */
  events(approval: string) {
    return this.got
      .filter(({ headers }) => String(headers['webhook-id']).split(':')[0] === approval)
      .map(({ headers, body }) => ({
        id: headers['webhook-id'],
        ...(new Webhook(SECRET).verify(body, headers as Record<string, string>) as { type: string; data: Said }),
      }))
  }

  types(approval: string): readonly string[] {
    return this.events(approval).map(({ type }) => type)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

export interface Said {
  readonly approval: string
  readonly url: string
  readonly wanted: number
  readonly yeses: readonly string[]
  readonly verdict?: string
  readonly by?: string
}
