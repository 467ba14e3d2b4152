import type { KubeconfigSettings } from '../access/kubeconfig-for.ts'
import type { Terminal } from '../command/terminal.ts'
import type { LeaseEnded } from '../lease/end-leases.ts'
import type { LeaseWish } from '../lease/request.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { type TakenLease, takeLease } from '../run/take-lease.ts'

/** What somebody asked for by these tools, and so ends with them. */
export interface LeaseHolder {
  take(wish: LeaseWish): Promise<Taken>
  /** Null where it is none of these. */
  end(id: string, reason: string): Promise<LeaseEnded | null>
}

export interface Taken {
  readonly lease: ShownLease
  /** How it is used, for the model. */
  readonly use: Readonly<Record<string, string>>
}

/** On the machine of whoever works with them: each has a kubeconfig there, and a process that ends it. */
export class HeldLeases implements LeaseHolder {
  readonly #terminal: Terminal
  readonly #config: KubeconfigSettings
  readonly #byId = new Map<string, TakenLease>()
  readonly #asked = new Set<Promise<unknown>>()
  readonly #listeners: (() => void)[] = []

  constructor(terminal: Terminal, config: KubeconfigSettings) {
    this.#terminal = terminal
    this.#config = config
  }

  /** Called when what is held has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async take(wish: LeaseWish): Promise<Taken> {
    const asked = this.#ask(wish)
    this.#asked.add(asked)
    const { lease, kubeconfig } = await asked.finally(() => this.#asked.delete(asked))
    this.#changed()
    return { lease, use: { kubeconfig, next: `export KUBECONFIG=${kubeconfig}` } }
  }

  async #ask(wish: LeaseWish): Promise<TakenLease> {
    const taken = await takeLease(this.#terminal, this.#config, wish)
    this.#byId.set(taken.lease.id, taken)
    return taken
  }

  async end(id: string, reason: string): Promise<LeaseEnded | null> {
    const taken = this.#byId.get(id)
    if (taken === undefined) return null
    this.#byId.delete(id)
    const ended = await taken.end(reason)
    this.#changed()
    return ended
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Ends them all, and what is being asked for. */
  async endAll(reason: string): Promise<void> {
    await Promise.allSettled(this.#asked)
    const all = await Promise.all([...this.#byId.keys()].map(id => this.end(id, reason)))
    for (const one of all) if (one?.ended === false) this.#terminal.note(one.said)
  }
}
