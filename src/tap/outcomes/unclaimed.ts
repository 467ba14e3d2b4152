import type { Outcome } from '../../record/outcome.ts'
import type { RowKey } from '../../record/row-key.ts'
import type { Logger } from '../../support/logger.ts'

/** The keys of the decisions with these audit ids, as far as the record has them. Rejects when it does not answer. */
export type FindKeys = (auditIds: readonly string[]) => Promise<ReadonlyMap<string, RowKey>>

export interface UnclaimedLimits {
  /** An outcome waits so long for its decision, milliseconds. */
  readonly holdMs: number
  readonly maxHeld: number
}

interface Held {
  readonly outcome: Outcome
  readonly since: number
}

/**
 * Outcomes of requests that were judged, perhaps, though Envoy never heard the answer: an authorizer died, or the client
 * left. Their decision may be in the journal, and a request has one row: so they wait until the journal was read past them,
 * and take the decision's key if there is one.
 */
export class Unclaimed {
  readonly #findKeys: FindKeys
  readonly #limits: UnclaimedLimits
  readonly #write: (outcome: Outcome) => void
  readonly #log: Logger
  #held: Held[] = []
  #claimed = 0

  constructor(findKeys: FindKeys, limits: UnclaimedLimits, write: (outcome: Outcome) => void, log: Logger) {
    this.#findKeys = findKeys
    this.#limits = limits
    this.#write = write
    this.#log = log
  }

  /** Outcomes that found their decision. */
  get claimed(): number {
    return this.#claimed
  }

  get held(): number {
    return this.#held.length
  }

  hold(outcome: Outcome): void {
    if (this.#held.length >= this.#limits.maxHeld) this.#write(outcome)
    else this.#held.push({ outcome, since: Date.now() })
  }

  /** Everything journaled before `readAt` is in the record. */
  async settle(readAt: number): Promise<void> {
    const before = readAt - this.#limits.holdMs
    const ripe = this.#held.filter(({ since }) => since <= before)
    if (ripe.length === 0) return
    const keys = await this.#findKeys(ripe.map(({ outcome }) => outcome.requestId)).catch(err => {
      this.#log.warn({ err, outcomes: ripe.length }, 'cannot look up whose outcomes these are; they wait')
      return null
    })
    if (keys === null) return
    const settled = new Set(ripe)
    this.#held = this.#held.filter(held => !settled.has(held))
    for (const { outcome } of ripe) this.#write(this.#withKey(outcome, keys))
  }

  /** At a stop nobody can wait: what has no decision by now is written without. */
  async release(): Promise<void> {
    await this.settle(Number.POSITIVE_INFINITY)
    for (const { outcome } of this.#held.splice(0)) this.#write(outcome)
  }

  #withKey(outcome: Outcome, keys: ReadonlyMap<string, RowKey>): Outcome {
    const key = keys.get(outcome.requestId)
    if (key === undefined) return outcome
    this.#claimed += 1
    return { ...outcome, key }
  }
}
