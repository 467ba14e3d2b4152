/** One message to one receiver. */
export interface Entry {
  readonly receiver: string
  readonly approval: string
  /** Which of the messages about this question; '' for the first of all. */
  readonly message: string
}

/** Who was told what: of several brokers one tells, and another one when that one dies over it. */
export interface NoticeLedger {
  /** `mine` for the one that may try now, for `ms`; nobody else may meanwhile. `taken`: another one tries, or it was put off. */
  claim(entry: Entry, ms: number): Promise<'mine' | 'taken' | 'told'>
  /** Not told: nobody tries again for so long. */
  putOff(entry: Entry, ms: number): Promise<void>
  /** Told, which is known for so long; with what the message left behind, if it was the first to this receiver about this question. */
  settle(entry: Entry, left: string, ms: number): Promise<void>
  /** What the first message to this receiver about this question left; null: it was told of none. */
  first(entry: Omit<Entry, 'message'>): Promise<string | null>
}
