/** What a message says of a question: that it waits, that one more yes is wanted, that it need not be looked at any more. */
export type Stage = 'asked' | 'escalated' | 'yes' | 'answered' | 'expired'

/** A question that waits for people, in so many words as may leave the broker: those of the console, with nothing of an object's content. */
export interface Notice {
  /** The same for the same message, however often it is sent. */
  readonly id: string
  readonly stage: Stage
  readonly approval: string
  readonly agent: string
  readonly sponsor: string
  /** One line, credentials masked. */
  readonly summary: string
  readonly risk: string
  /** How much is at stake, and what completes "this …", as the question has them; '' where it says none. */
  readonly tier: string
  readonly why: string
  /** What would happen, a line each; empty where it is not known. */
  readonly plan: readonly string[]
  /** Epoch milliseconds, like the end. */
  readonly askedAt: number
  readonly endsAt: number
  /** How many people must say yes. */
  readonly wanted: number
  /** Who did. */
  readonly yeses: readonly string[]
  /** Of an answered one, what it was, and whose. */
  readonly answer: { readonly verdict: 'approved' | 'rejected'; readonly by: string } | null
  /** Where it is answered, null without a console. */
  readonly url: string | null
}

/** One way to people. */
export interface Notifier {
  /**
   * `first` is what the first message about this question left behind, null for the first. Resolves with what this one leaves: '' for
   * nothing. Rejects when they were not reached: it is tried again.
   */
  send(notice: Notice, first: string | null): Promise<string>
  /** One message that is about no question, to see whether it arrives. */
  test(): Promise<void>
}

/** Not reached; the message says why, and nothing that the other side wrote. */
export class NotReachedError extends Error {
  /** Before that nothing need be tried, null: nobody said. */
  readonly againMs: number | null

  constructor(message: string, againMs: number | null = null) {
    super(message)
    this.name = 'NotReachedError'
    this.againMs = againMs
  }
}
