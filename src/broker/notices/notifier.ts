/** A question that waits for people, in so many words as may leave the broker. */
export interface Notice {
  /** Of the approval; a receiver that hears of it twice knows by this. */
  readonly approval: string
  readonly agent: string
  readonly sponsor: string
  /** One line, credentials masked. */
  readonly summary: string
  readonly risk: string
  /** Epoch milliseconds, like the end. */
  readonly askedAt: number
  readonly endsAt: number
  /** Where it is answered, null without a console. */
  readonly url: string | null
}

/** One way to people. Rejects when they were not reached: it is tried again. */
export interface Notifier {
  /** Tells this way from others in the store. */
  readonly name: string
  send(notice: Notice): Promise<void>
}
