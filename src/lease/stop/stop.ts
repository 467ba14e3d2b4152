import type { Subject } from './subject.ts'

/**
 * What can be done to all leases of a subject. `end`: those that there are have ended. `stop`: that, and no other one lives until
 * `start`. `freeze`: none of them allows anything until `thaw`, and then they do again.
 */
export const STOP_ACTS = ['end', 'stop', 'start', 'freeze', 'thaw'] as const
export type StopAct = (typeof STOP_ACTS)[number]

/** Who, why, and when by the clock of the store, epoch milliseconds. */
export interface Act {
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** How a subject stands. What was ended stays so for the leases of then, also when the stop was lifted. */
export interface Stop {
  readonly subject: Subject
  readonly ended: Act | null
  readonly stopped: Act | null
  readonly frozen: Act | null
}

/** Why a lease that was asked for is not given: what was done to something that it comes under. */
export interface Stopped extends Pick<Act, 'by' | 'reason'> {
  readonly subject: Subject
  /** `ended`: a moment ago; a new one may be asked for. */
  readonly kind: 'ended' | 'stopped' | 'frozen'
}

export interface Stopping {
  readonly subject: Subject
  readonly act: StopAct
  readonly by: string
  readonly reason: string
  readonly event: string
  /** The same by other names, in the same transaction; each is on record by itself. */
  readonly others?: readonly Pick<Stopping, 'subject' | 'event'>[]
}

export interface StopStore {
  /**
   * One transaction, however many leases there are; resolves when it is durable, with how the subject stands then, or the first of its
   * other names. Null where there was nothing to start or to thaw.
   */
  act(stopping: Stopping): Promise<Stop | null>
  /** As many as people did something to. */
  list(): Promise<readonly Stop[]>
}
