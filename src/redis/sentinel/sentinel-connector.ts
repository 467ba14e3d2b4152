import { createConnection, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { AbstractConnector } from 'ioredis'
import { RedisError } from '../redis-error.ts'
import { type Address, nameOf } from './sentinel-settings.ts'
import type { Sentinels } from './sentinels.ts'

const AGAIN_MS = 200

type Emit = (type: string, error: Error) => void

/** Leads the connections of a client to whichever server is the primary, by its sentinels and by its own word. */
export function connectorBy(sentinels: Sentinels, tls: ConnectionOptions | undefined, disconnectTimeout: number) {
  return class extends SentinelConnector {
    constructor() {
      super(sentinels, tls, disconnectTimeout)
    }
  }
}

class SentinelConnector extends AbstractConnector {
  readonly #sentinels: Sentinels
  readonly #tls: ConnectionOptions | undefined
  #at: Address | null = null
  #emit: Emit = () => undefined

  constructor(sentinels: Sentinels, tls: ConnectionOptions | undefined, disconnectTimeout: number) {
    super(disconnectTimeout)
    this.#sentinels = sentinels
    this.#tls = tls
  }

  /** A rejection would end the client for good: it tries until it is closed. */
  override async connect(emit: Emit): Promise<Socket> {
    this.connecting = true
    this.#emit = emit
    for (;;) {
      const found = await this.#sentinels.find().catch((error: RedisError) => error)
      if (!this.connecting) throw new RedisError('unavailable', 'the connection was closed')
      if (!(found instanceof RedisError)) return this.#open(found)
      emit('error', found)
      await pause(AGAIN_MS)
    }
  }

  #open(at: Address): Socket {
    this.#at = at
    this.#sentinels.problem = `${this.#named()} does not answer`
    this.#sentinels.follow(this.#leave)
    const stream = this.#tls === undefined ? createConnection(at) : connectTls({ ...at, ...this.#tls })
    stream.once('error', error => {
      this.firstError = error
    })
    this.stream = stream
    return stream
  }

  /** Whoever does not say that it is the primary is none: after a failover sentinels may name the one of before for a while. */
  override check({ role }: { readonly role?: string }): boolean {
    const isPrimary = role === 'master'
    this.#sentinels.problem = isPrimary ? null : `${this.#named()} says of itself: ${role ?? 'nothing'}`
    if (!isPrimary) this.#emit('error', new RedisError('unavailable', this.#sentinels.problem ?? ''))
    return isPrimary
  }

  override disconnect(): void {
    this.#sentinels.unfollow(this.#leave)
    super.disconnect()
  }

  /** A former primary that nobody has told yet, or that does not answer any more, would hold the connection. */
  readonly #leave = (primary: Address): void => {
    if (this.#at !== null && nameOf(this.#at) !== nameOf(primary)) this.stream.destroy()
  }

  #named(): string {
    return `${this.#at === null ? 'nobody' : nameOf(this.#at)}, by its sentinels the primary of ${this.#sentinels.primary},`
  }
}
