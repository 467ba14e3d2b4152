import type { KubeconfigSettings } from '../access/kubeconfig-for.ts'
import type { LeaseWish } from '../lease/request.ts'
import type { LeaseEnded } from '../run/guard.ts'
import { type TakenLease, takeLease } from '../run/take-lease.ts'
import type { Terminal } from '../terminal.ts'

/** What one server asked for, and so ends with it. */
export class HeldLeases {
  readonly #terminal: Terminal
  readonly #config: KubeconfigSettings
  readonly #byId = new Map<string, TakenLease>()

  constructor(terminal: Terminal, config: KubeconfigSettings) {
    this.#terminal = terminal
    this.#config = config
  }

  async take(wish: LeaseWish): Promise<TakenLease> {
    const taken = await takeLease(this.#terminal, this.#config, wish)
    this.#byId.set(taken.lease.id, taken)
    return taken
  }

  /** Null where it is none of this server's. */
  async end(id: string, reason: string): Promise<LeaseEnded | null> {
    const taken = this.#byId.get(id)
    if (taken === undefined) return null
    this.#byId.delete(id)
    return taken.end(reason)
  }

  async endAll(reason: string): Promise<void> {
    const all = await Promise.all([...this.#byId.keys()].map(id => this.end(id, reason)))
    for (const one of all) if (one?.ended === false) this.#terminal.note(one.said)
  }
}
