import type { Approval, ApprovalStore } from '../../approval/approval.ts'
import { isAway } from '../../redis/redis-error.ts'
import type { Clock } from '../../support/time/clock.ts'

/** A question that was open when it was first seen, until everybody who was told of it knows how it ended. */
export interface Watched {
  readonly id: string
  readonly askedAt: number
  readonly endsAt: number
  /** Who said yes so far. */
  yeses: readonly string[]
  /** As it was stored when `yeses` was read. */
  signed: string
  lookedAt: number
  /** Everybody was told what is due, and before that nothing will be. */
  restUntil: number
  /** Null while it is open. */
  over: { readonly stage: 'answered' | 'expired'; readonly at: number } | null
  /** How often each message was tried, and when it may be tried again; for ever: never. */
  readonly tries: Map<string, { tries: number; at: number }>
}

export interface Watching {
  readonly approvals: Pick<ApprovalStore, 'pending' | 'find'>
  /** Whose yeses count at the moment. */
  readonly yesesTo: (approval: Approval) => Promise<readonly string[]>
  readonly clock: Clock
}

const PAGE = 100
/** Questions come in the order of their ids, but for the clocks of those that ask. */
const SKEW_MS = 10_000
/** Of those that are known, so many are looked at again in one round, and each so often at most. */
const AGAIN = 100
const AGAIN_MS = 1000

/** The open questions in the store are the queue. */
export class Watch {
  readonly #watching: Watching
  /** Ids up to here were all seen. */
  #after = ''
  readonly #watched = new Map<string, Watched>()

  constructor(watching: Watching) {
    this.#watching = watching
  }

  all(): Iterable<Watched> {
    return this.#watched.values()
  }

  forget(id: string): void {
    this.#watched.delete(id)
  }

  /** What is new. */
  async take(): Promise<void> {
    const { approvals, clock } = this.#watching
    let after: string | null = this.#after
    while (after !== null) {
      const { items, next, missing } = await approvals.pending(
        { agent: null, after, limit: PAGE, partial: true },
        clock(),
      )
      for (const approval of items) {
        if (!this.#watched.has(approval.id)) this.#watched.set(approval.id, await this.#begin(approval))
        // Of what is away nobody knows how far it was seen.
        if (missing === undefined && approval.askedAt < clock() - SKEW_MS && approval.id > this.#after)
          this.#after = approval.id
      }
      after = next
    }
  }

  /** What became of those that are known, a part of them each time. */
  async lookAgain(): Promise<void> {
    const now = this.#watching.clock()
    const due = [...this.#watched.values()].filter(({ over, lookedAt }) => over === null && lookedAt + AGAIN_MS <= now)
    const oldest = due.length > AGAIN ? due.sort((one, other) => one.lookedAt - other.lookedAt).slice(0, AGAIN) : due
    await Promise.all(oldest.map(each => this.#look(each).catch(unlessAway)))
  }

  async #begin(approval: Approval): Promise<Watched> {
    const { id, askedAt, endsAt, signed } = approval
    const yeses = await this.#yesesTo(approval)
    return {
      id,
      askedAt,
      endsAt,
      yeses,
      signed,
      lookedAt: this.#watching.clock(),
      restUntil: 0,
      over: null,
      tries: new Map(),
    }
  }

  async #look(each: Watched): Promise<void> {
    const { approvals, clock } = this.#watching
    each.lookedAt = clock()
    const approval = await approvals.find(each.id, clock())
    if (approval?.state === 'pending') {
      if (approval.signed === each.signed) return
      each.yeses = await this.#yesesTo(approval)
      each.signed = approval.signed
      each.restUntil = 0
      return
    }
    // A yes that nobody used in time was an answer all the same.
    const isAnswered = approval !== null && approval.decidedBy !== '' && approval.state !== 'withdrawn'
    const stage = isAnswered ? 'answered' : 'expired'
    each.over = { stage, at: clock() }
    each.restUntil = 0
  }

  async #yesesTo(approval: Approval): Promise<readonly string[]> {
    return approval.signed === '' ? [] : this.#watching.yesesTo(approval)
  }
}

/** It is looked at again when its part of the store is back. */
function unlessAway(error: unknown): void {
  if (!isAway(error)) throw error
}
