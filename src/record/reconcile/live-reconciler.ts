import type { AuditEvent } from './audit-event.ts'
import { type Mismatch, type RecordLookup, reconcileEvents, relevant, unseenBy } from './reconcile.ts'
import type { WatchedUsers } from './whose.ts'

export interface LiveSettings {
  readonly users: WatchedUsers
  readonly record: RecordLookup
  /** How long record and audit log may be behind, milliseconds. */
  readonly graceMs: number
  /** Events that wait for the record, at most. */
  readonly maxWaiting: number
  readonly now: () => number
}

/** Audit ids are remembered so long, to notice one that comes again; in graces. */
const REMEMBERED = 20

interface Waiting {
  readonly event: AuditEvent
  readonly since: number
}

/** Compares as events come in: each is held until the record must have it. */
export class LiveReconciler {
  readonly #settings: LiveSettings
  readonly #seen = new Map<string, number>()
  #waiting: Waiting[] = []
  /** Rows decided before this were looked for in the audit log. */
  #checkedUntil: number
  #compared = 0

  constructor(settings: LiveSettings) {
    this.#settings = settings
    this.#checkedUntil = settings.now()
  }

  /** Requests that were compared. */
  get compared(): number {
    return this.#compared
  }

  /** False when too many wait already: the API server shall send them again. */
  add(events: readonly AuditEvent[]): boolean {
    if (this.#waiting.length + events.length > this.#settings.maxWaiting) return false
    const since = this.#settings.now()
    for (const event of relevant(events, this.#settings.users)) this.#waiting.push({ event, since })
    return true
  }

  /** Compares what is old enough. Rejects when the record does not answer; then nothing is forgotten. */
  async settle(all = false): Promise<readonly Mismatch[]> {
    const { users, record, graceMs, now } = this.#settings
    const before = now() - graceMs
    const ripe = this.#waiting.filter(({ since }) => all || since <= before)
    // A stream tells twice, when it began and when it ended.
    const requests = relevant(
      ripe.map(({ event }) => event),
      users,
    )
    const wrong = await reconcileEvents(requests, users, record, this.#seen)
    const known = new Set([...this.#seen.keys(), ...this.#waiting.map(({ event }) => event.auditId)])
    const unseen = await unseenBy(
      known,
      { from: this.#checkedUntil, until: Math.max(before, this.#checkedUntil) },
      record,
    )
    this.#waiting = this.#waiting.filter(waiting => !ripe.includes(waiting))
    for (const { auditId, receivedAt } of requests) this.#remember(auditId, receivedAt)
    this.#forget(before - REMEMBERED * graceMs)
    this.#checkedUntil = Math.max(before, this.#checkedUntil)
    this.#compared += requests.length
    return [...wrong, ...unseen]
  }

  /** Anew at the end, so that the order stays that of the last sign. */
  #remember(auditId: string, receivedAt: number): void {
    this.#seen.delete(auditId)
    this.#seen.set(auditId, receivedAt)
  }

  #forget(before: number): void {
    for (const [auditId, receivedAt] of this.#seen) {
      if (receivedAt >= before) return
      this.#seen.delete(auditId)
    }
  }
}
