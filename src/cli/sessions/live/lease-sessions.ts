import { printable } from '../../../support/text/printable.ts'
import type { Terminal } from '../../command/terminal.ts'
import { askSessions, column } from '../ask-sessions.ts'

/** Clocks of this machine, authorizers and the record may differ, and rows come later than what they are of. */
const BEFORE_MS = 60_000

export interface LeaseSession {
  readonly auditId: string
  readonly kind: string
  readonly what: string
  /** It had to be watched when it began. */
  readonly isWatched: boolean
  readonly isRunning: boolean
}

/** The sessions under one lease since somebody began to watch it, also those that were over before the record knew of them. */
export class LeaseSessions {
  readonly #terminal: Terminal
  readonly #lease: string
  readonly #since: string
  /** Over when the watch began. */
  readonly #before = new Set<string>()
  #known: ReadonlyMap<string, LeaseSession> = new Map()
  readonly #shown = new Set<string>()
  readonly #lost = new Set<string>()

  private constructor(terminal: Terminal, lease: string) {
    this.#terminal = terminal
    this.#lease = lease
    this.#since = new Date(Date.now() - BEFORE_MS).toISOString()
  }

  /** Before anything is let through for whoever watches. */
  static async open(terminal: Terminal, lease: string): Promise<LeaseSessions> {
    const sessions = new LeaseSessions(terminal, lease)
    await sessions.look()
    for (const { auditId, isRunning } of sessions.#known.values()) if (!isRunning) sessions.#before.add(auditId)
    return sessions
  }

  /** Asks the record. */
  async look(): Promise<void> {
    const [begun, running] = await Promise.all([
      sessionsOf(this.#terminal, { lease: this.#lease, since: this.#since }),
      sessionsOf(this.#terminal, { lease: this.#lease, running: true }),
    ])
    const before = [...this.#known.values()].map(one => ({ ...one, isRunning: false }))
    this.#known = new Map([...before, ...running, ...begun].map(one => [one.auditId, one]))
  }

  get running(): readonly LeaseSession[] {
    return [...this.#known.values()].filter(({ isRunning }) => isRunning)
  }

  isRunning(auditId: string): boolean {
    return this.#known.get(auditId)?.isRunning === true
  }

  /** Those that were let through because somebody watched, and that were not shown. */
  get waiting(): readonly LeaseSession[] {
    return [...this.#known.values()].filter(
      ({ auditId, isWatched }) => isWatched && !this.#shown.has(auditId) && !this.#before.has(auditId),
    )
  }

  /** Those, and what could not be shown. */
  get unseen(): readonly LeaseSession[] {
    return [...this.waiting, ...[...this.#known.values()].filter(({ auditId }) => this.#lost.has(auditId))]
  }

  show(auditId: string): void {
    this.#shown.add(auditId)
  }

  /** There was nothing to show. */
  lose(auditId: string): void {
    this.#lost.add(auditId)
  }
}

async function sessionsOf(
  terminal: Terminal,
  wanted: { readonly lease: string; readonly since?: string; readonly running?: true },
): Promise<readonly LeaseSession[]> {
  const result = await askSessions(terminal, wanted)
  const cell = (row: readonly unknown[], name: string) => String(row[column(result, name)] ?? '')
  return result.rows
    .toReversed()
    .filter(row => cell(row, 'decision') === 'allow' && cell(row, 'state') !== 'committed, not forwarded')
    .map(row => ({
      auditId: cell(row, 'audit_id'),
      kind: cell(row, 'kind'),
      what: printable(
        ['kind', 'namespace', 'pod', 'command']
          .map(name => cell(row, name))
          .join(' ')
          .trim(),
      ),
      isWatched: cell(row, 'watched_by') !== '',
      isRunning: cell(row, 'state') === 'open',
    }))
}
