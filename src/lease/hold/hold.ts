/** An agent that gets no lease and no token. A hold can only take away, so it binds whoever wrote it. */
export interface Hold {
  readonly agent: string
  readonly by: string
  readonly reason: string
  /** Epoch milliseconds, as the end; null: until somebody releases the agent. */
  readonly at: number
  readonly until: number | null
}

export interface Placing {
  readonly hold: Hold
  readonly event: string
}

export interface Releasing {
  readonly agent: string
  readonly now: number
  readonly event: string
}

export interface HoldStore {
  /** Resolves when it is durable, with the hold that stands then: one that lasts longer is not shortened. */
  place(placing: Placing): Promise<Hold>
  /** The hold that was ended; null when there was none. */
  release(releasing: Releasing): Promise<Hold | null>
  find(agent: string, now: number): Promise<Hold | null>
  /** At most one for each agent that anybody ever named. */
  list(now: number): Promise<readonly Hold[]>
}

/** For people, agents and rows: who, until when, why. */
export function describeHold({ by, reason, until }: Hold): string {
  return `held ${until === null ? 'until released' : `until ${new Date(until).toISOString()}`} by ${by}: ${reason}`
}
