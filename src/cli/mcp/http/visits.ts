import type { Caller } from './caller.ts'
import { type Surroundings, Visit } from './visit.ts'

/** Conversations of one caller, and of all. */
const MOST_EACH = 8
const MOST = 256
/** Requests of one conversation that are on their way. */
export const MOST_OPEN = 16

const ENDED = 'its MCP session was ended'
const IDLE = 'nothing was heard in its MCP session'

export type Found =
  | { readonly kind: 'visit'; readonly visit: Visit }
  /** There is none of this id, for this caller. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'too-many' }

/** Who is there. */
export class Visits {
  readonly #around: Surroundings
  readonly #idleMs: number
  readonly #onUnended: (said: string) => void
  /** By identity. */
  readonly #callers = new Map<string, Visit>()
  /** By id. */
  readonly #sessions = new Map<string, Visit>()
  /** Until the first message of a session has been answered. */
  readonly #beginning = new Set<Visit>()
  readonly #timer: NodeJS.Timeout

  constructor(around: Surroundings, idleMs: number, onUnended: (said: string) => void) {
    this.#around = around
    this.#idleMs = idleMs
    this.#onUnended = onUnended
    this.#timer = setInterval(() => void this.#sweep(), Math.min(10_000, Math.max(100, idleMs / 4)))
    around.keeper.onEnded(({ lease }) => {
      for (const visit of this.#all()) visit.held.lost(lease)
    })
  }

  /** Of whoever sends requests that stand alone. */
  ofCaller(caller: Caller): Found {
    const known = this.#callers.get(caller.identity)
    if (known === undefined && this.#isFull(caller)) return { kind: 'too-many' }
    const visit = known ?? Visit.ofCaller(caller, this.#around)
    this.#callers.set(caller.identity, visit)
    return this.#found(visit, caller)
  }

  /** Somebody else's is as unknown as none. */
  session(id: string, caller: Caller): Found {
    const visit = this.#sessions.get(id)
    return visit?.identity === caller.identity ? this.#found(visit, caller) : { kind: 'unknown' }
  }

  begin(caller: Caller): Found {
    if (this.#isFull(caller)) return { kind: 'too-many' }
    const onBegun = (id: string) => {
      this.#beginning.delete(visit)
      this.#sessions.set(id, visit)
    }
    const onEnded = (id: string) => {
      this.#sessions.delete(id)
      void this.#close(visit, ENDED)
    }
    const visit: Visit = Visit.session(caller, this.#around, onBegun, onEnded)
    this.#beginning.add(visit)
    return this.#found(visit, caller)
  }

  /** After its first answer: one that has not become a session is none. */
  begun(visit: Visit): void {
    if (this.#beginning.delete(visit)) void this.#close(visit, ENDED)
  }

  async close(reason: string): Promise<void> {
    clearInterval(this.#timer)
    const all = [...this.#all()]
    this.#callers.clear()
    this.#sessions.clear()
    this.#beginning.clear()
    await Promise.all(all.map(visit => this.#close(visit, reason)))
  }

  #found(visit: Visit, caller: Caller): Found {
    this.#around.keeper.renew(caller)
    return { kind: 'visit', visit }
  }

  #all(): ReadonlySet<Visit> {
    return new Set([...this.#callers.values(), ...this.#sessions.values(), ...this.#beginning])
  }

  #isFull({ identity }: Caller): boolean {
    const all = this.#all()
    return all.size >= MOST || [...all].filter(visit => visit.identity === identity).length >= MOST_EACH
  }

  async #sweep(): Promise<void> {
    for (const known of [this.#callers, this.#sessions]) {
      for (const [key, visit] of known) {
        if (!visit.isIdle(this.#idleMs)) continue
        known.delete(key)
        void this.#close(visit, IDLE)
      }
    }
  }

  async #close(visit: Visit, reason: string): Promise<void> {
    for (const said of await visit.close(reason)) this.#onUnended(said)
    const isThere = [...this.#all()].some(({ identity }) => identity === visit.identity)
    if (!isThere) this.#around.keeper.forgetHolder(visit.identity)
  }
}
