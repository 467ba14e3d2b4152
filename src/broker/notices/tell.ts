import type { Approval, ApprovalStore } from '../../approval/approval.ts'
import type { Policy } from '../../policy/policy.ts'
import { maskCommand } from '../../record/mask/mask.ts'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import type { NoticeLedger } from './notice-ledger.ts'
import type { Notice, Notifier } from './notifier.ts'

export interface Telling {
  readonly approvals: Pick<ApprovalStore, 'pending' | 'find'>
  readonly ledger: NoticeLedger
  readonly notifier: Notifier
  readonly policy: () => Pick<Policy, 'mask'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Where browsers reach the console, null: there is none. */
  readonly origin: string | null
  readonly everyMs?: number
}

const EVERY_MS = 500
const PAGE = 100
/** Longer than a try takes. */
const TRY_MS = 10_000
/** Before the next try, each longer than the one before. */
const AGAIN_MS = [1000, 2000, 5000, 15_000, 30_000] as const
/** Questions come in the order of their ids, but for the clocks of those that ask. */
const SKEW_MS = 10_000
/** More tries at once than that would be no help to a receiver that is slow. */
const AT_ONCE = 8

/**
 * Tells people of each question that is open. The open questions in the store are the queue: what nobody has told yet is told by the next
 * look of any broker, until somebody answered or its time is over.
 */
export function startTelling(telling: Telling): { stop(): Promise<void> } {
  const { log, everyMs = EVERY_MS } = telling
  const round = new Round(telling)
  const stopping = new AbortController()
  let failing = false
  const run = async () => {
    while (!stopping.signal.aborted) {
      await round.look().then(
        () => {
          failing = false
        },
        (error: unknown) => {
          if (!failing) log.warn({ err: error }, 'who waits for an answer cannot be looked up')
          failing = true
        },
      )
      await pause(everyMs, stopping.signal)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

class Round {
  readonly #telling: Telling
  /** Ids up to here were all seen. */
  #after = ''
  /** Seen and not told yet: how often it was tried, and when it may be tried again. */
  readonly #open = new Map<string, { readonly approval: Approval; tries: number; at: number }>()

  constructor(telling: Telling) {
    this.#telling = telling
  }

  async look(): Promise<void> {
    await this.#take()
    const { clock } = this.#telling
    for (const [id, { approval }] of this.#open) if (approval.endsAt <= clock()) this.#open.delete(id)
    const due = [...this.#open.values()].filter(({ at }) => at <= clock()).slice(0, AT_ONCE)
    await Promise.all(due.map(each => this.#tell(each)))
  }

  /** What is new. */
  async #take(): Promise<void> {
    const { approvals, clock } = this.#telling
    let after: string | null = this.#after
    while (after !== null) {
      const { items, next } = await approvals.pending({ agent: null, after, limit: PAGE }, clock())
      for (const approval of items) {
        if (!this.#open.has(approval.id)) this.#open.set(approval.id, { approval, tries: 0, at: 0 })
        if (approval.askedAt < clock() - SKEW_MS && approval.id > this.#after) this.#after = approval.id
      }
      after = next
    }
  }

  async #tell(each: { readonly approval: Approval; tries: number; at: number }): Promise<void> {
    const { ledger, notifier, clock, log } = this.#telling
    const { id, endsAt } = each.approval
    if (!(await ledger.claim(notifier.name, id, TRY_MS))) {
      // Told, or being told by another broker; looked at again in case that one dies over it.
      each.at = clock() + TRY_MS
      return
    }
    const now = await this.#telling.approvals.find(id, clock())
    if (now?.state !== 'pending') {
      each.at = Number.POSITIVE_INFINITY
      return
    }
    try {
      await notifier.send(toNotice(each.approval, this.#telling))
      await ledger.settle(notifier.name, id, Math.max(endsAt - clock(), 0) + SKEW_MS)
      each.at = Number.POSITIVE_INFINITY
    } catch (error) {
      const wait = AGAIN_MS[Math.min(each.tries, AGAIN_MS.length - 1)] ?? 0
      if (each.tries === 0)
        log.warn({ err: error, approval: id, way: notifier.name }, 'nobody was told of a question; tried again')
      each.tries += 1
      each.at = clock() + wait
      await ledger.settle(notifier.name, id, wait)
    }
  }
}

function toNotice({ id, agent, question, askedAt, endsAt }: Approval, { policy, origin }: Telling): Notice {
  const [summary = ''] = maskCommand([question.summary], policy().mask)
  const url = origin === null ? null : `${origin}/console/approvals/${id}`
  return { approval: id, agent, sponsor: question.sponsor, summary, risk: question.risk, askedAt, endsAt, url }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}
