import { randomBytes } from 'node:crypto'
import {
  createMcpHandler,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import type { BrokerClient } from '../../broker/broker-client.ts'
import { LEASES_URI } from '../lease-tools.ts'
import { leasegateServer } from '../leasegate-server.ts'
import { subscriptions } from '../subscriptions.ts'
import type { Caller } from './caller.ts'
import type { Keeper } from './keeper/keeper.ts'
import { KeptLeases } from './keeper/kept-leases.ts'

/** Of a message; those of these tools are far below. */
export const MAX_BODY = 262_144
const MAX_SUBSCRIPTIONS = 4
const USE =
  'request_lease gives a lease; what it calls next is the command that writes a kubeconfig for it, to be run where kubectl runs.'

export interface Surroundings {
  readonly version: string
  readonly boundaryUrl: string
  readonly keeper: Keeper
  readonly brokerFor: (token: () => string) => BrokerClient
}

/**
 * One conversation of one caller, with the leases that were asked for in it, which end with it. Clients of before 2026-07-28 begin and end theirs
 * themselves (sessions); the requests of later ones stand alone, so that all of one caller's are one conversation, until nothing is heard any more.
 */
export class Visit {
  readonly identity: string
  readonly held: KeptLeases
  readonly #answer: (request: Request) => Promise<Response>
  readonly #hangUp: () => Promise<void>
  #token: string
  #tokenEndsAt: number
  #seenAt = Date.now()
  #open = 0

  private constructor(caller: Caller, around: Surroundings, carry: (visit: Carrying) => Carried) {
    this.identity = caller.identity
    this.#token = caller.token
    this.#tokenEndsAt = caller.expiresAt
    const broker = around.brokerFor(() => this.#token)
    const { keeper, boundaryUrl, version } = around
    const onChange = () => carried.changed()
    this.held = new KeptLeases({ broker, keeper, boundaryUrl, identity: this.identity, onChange })
    const carried = carry({
      server: () => leasegateServer({ version, broker, held: this.held, use: USE }),
    })
    this.#answer = carried.answer
    this.#hangUp = carried.close
  }

  /** Of all requests of one caller, each of which stands alone. */
  static ofCaller(caller: Caller, around: Surroundings): Visit {
    return new Visit(caller, around, ({ server }) => {
      const options = { legacy: 'reject', maxRequestBodySize: MAX_BODY, maxSubscriptions: MAX_SUBSCRIPTIONS } as const
      const handler = createMcpHandler(server, options)
      return {
        answer: request => handler.fetch(request),
        changed: () => handler.notify.resourceUpdated(LEASES_URI),
        close: () => handler.close(),
      }
    })
  }

  /** As a client of before asks for with its first message; `begun` and `ended` get its id. */
  static session(
    caller: Caller,
    around: Surroundings,
    onBegun: (id: string) => void,
    onEnded: (id: string) => void,
  ): Visit {
    return new Visit(caller, around, ({ server }) => {
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => randomBytes(32).toString('base64url'),
        onsessioninitialized: onBegun,
        onsessionclosed: onEnded,
        maxRequestBodySize: MAX_BODY,
      })
      const mcp = server()
      const isTold = subscriptions(mcp)
      const connected = mcp.connect(transport)
      return {
        answer: async request => {
          await connected
          return transport.handleRequest(request)
        },
        changed: () => {
          if (isTold()) void mcp.server.sendResourceUpdated({ uri: LEASES_URI }).catch(() => undefined)
        },
        close: () => mcp.close(),
      }
    })
  }

  /** A newer token takes the place of the one before, for what is asked of the broker from now on. */
  async answer(request: Request, { token, expiresAt }: Caller): Promise<Response> {
    if (expiresAt >= this.#tokenEndsAt) {
      this.#token = token
      this.#tokenEndsAt = expiresAt
    }
    this.#seenAt = Date.now()
    return this.#answer(request)
  }

  /** While an answer is on its way somebody is there. */
  begin(): () => void {
    this.#open++
    return () => {
      this.#open--
      this.#seenAt = Date.now()
    }
  }

  get open(): number {
    return this.#open
  }

  isIdle(idleMs: number): boolean {
    return this.#open === 0 && Date.now() - this.#seenAt >= idleMs
  }

  /** Its leases end; what could not be ended is said. */
  async close(reason: string): Promise<readonly string[]> {
    const ended = await this.held.close(reason)
    await this.#hangUp()
    return ended.flatMap(one => (one.ended ? [] : [one.said]))
  }
}

interface Carrying {
  readonly server: () => McpServer
}

/** How messages come and go. */
interface Carried {
  readonly answer: (request: Request) => Promise<Response>
  /** Whoever wants to know hears that leases have come or gone. */
  readonly changed: () => void
  readonly close: () => Promise<void>
}
