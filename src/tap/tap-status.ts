/** What the tap knows of its own work, as plain numbers. Counters begin with the process. */
export interface TapStatus {
  readonly journal: readonly {
    readonly stream: string
    /** Entries that the record does not have yet. */
    readonly entries: number
    /** Age of the oldest of them; where its server does not answer, for how long that is so, at least. */
    readonly lagSeconds: number
    readonly deadLetters: number
  }[]
  readonly rowsWritten: number
  readonly batchesWritten: number
  readonly failedWrites: number
  /** 0 while inserts go well. */
  readonly failingSeconds: number
  /** Items set aside by this process. */
  readonly setAside: number
  /** Ends of requests that Envoy told of. */
  readonly outcomes: number
  /** Outcomes in memory that the record does not have yet. */
  readonly outcomesHeld: number
  /** Outcomes that were lost because the record was away too long or refused them. */
  readonly outcomesLost: number
  /** Outcomes without a key that found their decision. */
  readonly outcomesClaimed: number
  /** Requests that Envoy counted and never told of, as far as that can be known; null: nobody said where Envoy counts. */
  readonly outcomesMissing: number | null
  /** For how long nothing could be recorded; 0 while it can, null where no sessions are. */
  readonly recorderFailingSeconds: number | null
  /** For how long the second place took no checkpoints; 0 while it does, null where there is none. */
  readonly copyFailingSeconds: number | null
  /** For how long a witness did not sign; 0 while each does, null where there is none. */
  readonly witnessFailingSeconds: number | null
}
