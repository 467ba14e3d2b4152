import { createConnection, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { AbstractConnector } from 'ioredis'
import { RedisError } from '../redis-error.ts'
import { type Address, nameOf } from './address.ts'
import type { Guide } from './guide.ts'

const AGAIN_MS = 200

type Emit = (type: string, error: Error) => void

/** Leads the connections of a client to whichever server is the primary, by its guide and by its own word. */
export function connectorBy(guide: Guide, tls: ConnectionOptions | undefined, disconnectTimeout: number) {
  return class extends GuidedConnector {
    constructor() {
      super(guide, tls, disconnectTimeout)
    }
  }
}

class GuidedConnector extends AbstractConnector {
  readonly #guide: Guide
  readonly #tls: ConnectionOptions | undefined
  #at: Address | null = null
  #emit: Emit = () => undefined

  constructor(guide: Guide, tls: ConnectionOptions | undefined, disconnectTimeout: number) {
    super(disconnectTimeout)
    this.#guide = guide
    this.#tls = tls
  }

  /** A rejection would end the client for good: it tries until it is closed. */
  override async connect(emit: Emit): Promise<Socket> {
    this.connecting = true
    this.#emit = emit
    for (;;) {
      const found = await this.#guide.find().catch((error: RedisError) => error)
      if (!this.connecting) throw new RedisError('unavailable', 'the connection was closed')
      if (!(found instanceof RedisError)) return this.#open(found)
      emit('error', found)
      await pause(AGAIN_MS)
    }
  }

  #open(at: Address): Socket {
    this.#at = at
    this.#guide.problem = `${this.#named()} does not answer`
    this.#guide.follow(this.#leave)
    const stream = this.#tls === undefined ? createConnection(at) : connectTls({ ...at, ...this.#tls })
    stream.once('error', error => {
      this.firstError = error
    })
    this.stream = stream
    return stream
  }

  /** Whoever does not say that it is the primary is none: after a failover its guide may name the one of before for a while. */
  override check({ role }: { readonly role?: string }): boolean {
    const isPrimary = role === 'master'
    this.#guide.problem = isPrimary ? null : `${this.#named()} says of itself: ${role ?? 'nothing'}`
    if (!isPrimary) this.#emit('error', new RedisError('unavailable', this.#guide.problem ?? ''))
    return isPrimary
  }

  override disconnect(): void {
    this.#guide.unfollow(this.#leave)
    super.disconnect()
  }

  /** A former primary that nobody has told yet, or that does not answer any more, would hold the connection. */
  readonly #leave = (primary: Address): void => {
    if (this.#at !== null && nameOf(this.#at) !== nameOf(primary)) this.stream.destroy()
  }

  #named(): string {
    return `${this.#at === null ? 'nobody' : nameOf(this.#at)}, ${this.#guide.role}`
  }
}
