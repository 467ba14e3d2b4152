import type { Approval, ApprovalStore } from '../../approval/approval.ts'
import type { Plan } from '../../approval/plan/plan.ts'
import type { Notify, Receiver } from '../../policy/notify.ts'
import type { Logger } from '../../support/logger.ts'
import type { Clock } from '../../support/time/clock.ts'
import { OnCallNow } from './due/ask-on-call.ts'
import { type Due, dueOf } from './due/due.ts'
import { Lane } from './lane.ts'
import type { NoticeLedger } from './notice-ledger.ts'
import type { Notifier, Stage } from './notifier.ts'
import { toNotice, type Wording } from './to-notice.ts'
import { Watch, type Watched } from './watched.ts'

export interface Telling extends Wording {
  readonly approvals: Pick<ApprovalStore, 'pending' | 'find'>
  readonly ledger: NoticeLedger
  /** As the policy has it now, null: nobody is told. */
  readonly notify: () => Notify | null
  readonly notifierOf: (receiver: Receiver) => Notifier
  readonly yesesTo: (approval: Approval) => Promise<readonly string[]>
  /** Null where there is none soon enough. */
  readonly planOf: (approval: Approval) => Promise<Plan | null>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly everyMs?: number
}

const EVERY_MS = 250
/** Longer than a try takes. */
const TRY_MS = 10_000
/** What was told is known until the last receiver heard how it ended. */
const KEPT_MS = 900_000
/** So long it is tried to tell how a question ended. */
const OVER_MS = 600_000
/** Quiet hours end and time passes by the second, for those whom nobody has to be told of just now. */
const REST_MS = 1000
/** When to come back to a message: never, as it was told; or not before its turn has come. */
const NEVER = Number.POSITIVE_INFINITY
const IN_LINE = Number.MAX_VALUE

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
    await round.stop()
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** One message that is due: one of an open question, or that it is over. */
interface Message extends Omit<Due, 'stage'> {
  readonly stage: Stage
}

class Round {
  readonly #telling: Telling
  readonly #watch: Watch
  readonly #onCall: OnCallNow
  readonly #lanes = new Map<string, Lane>()

  constructor(telling: Telling) {
    this.#telling = telling
    this.#watch = new Watch(telling)
    this.#onCall = new OnCallNow(telling.clock, telling.log)
  }

  async look(): Promise<void> {
    const notify = this.#telling.notify()
    if (notify === null) return
    await this.#watch.take()
    await this.#watch.lookAgain()
    for (const lane of this.#lanes.values()) lane.goOn()
    const now = this.#telling.clock()
    for (const each of this.#watch.all()) {
      if (each.restUntil > now) continue
      const messages = this.#messages(each, notify)
      for (const message of messages) this.#offer(each, message, notify)
      if (messages.length > 0 && messages.every(message => isDone(each, message))) each.restUntil = now + REST_MS
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#onCall.stop(), ...[...this.#lanes.values()].map(lane => lane.stop())])
  }

  #messages(each: Watched, notify: Notify): readonly Message[] {
    const now = this.#telling.clock()
    const { over } = each
    if (over === null) return dueOf(each, notify, () => this.#onCall.get(notify.onCall), now)
    const messages = notify.receivers.map(({ name }) => ({ receiver: name, stage: over.stage, message: 'over' }))
    if (messages.every(message => isDone(each, message)) || over.at + OVER_MS < now) this.#watch.forget(each.id)
    return messages
  }

  #offer(each: Watched, message: Message, notify: Notify): void {
    const { clock, log } = this.#telling
    const receiver = notify.receivers.find(({ name }) => name === message.receiver)
    if (receiver === undefined) return
    const state = each.tries.get(keyOf(message)) ?? { tries: 0, at: 0 }
    const lane = this.#lanes.get(receiver.name) ?? new Lane(receiver.name, clock, log)
    this.#lanes.set(receiver.name, lane)
    if (state.at > clock()) return
    each.tries.set(keyOf(message), state)
    state.at = IN_LINE
    lane.add(async () => {
      try {
        state.at = await this.#tell(each, message, receiver, lane)
      } catch (error) {
        // The store is not there; what became of the message is known once it is.
        state.at = clock() + TRY_MS
        log.warn({ err: error, approval: each.id }, 'who was told of a question cannot be looked up')
      }
    })
  }

  /** Resolves with when to come back to it. */
  async #tell(each: Watched, message: Message, receiver: Receiver, lane: Lane): Promise<number> {
    const { ledger, approvals, clock } = this.#telling
    const entry = { receiver: receiver.name, approval: each.id, message: message.message }
    const claim = await ledger.claim(entry, TRY_MS)
    // Another broker tells it; looked at again in case that one dies over it.
    if (claim !== 'mine') return claim === 'told' ? NEVER : clock() + TRY_MS
    const [approval, first] = await Promise.all([approvals.find(each.id, clock()), ledger.first(entry)])
    if (approval === null || (each.over === null && approval.state !== 'pending')) return NEVER
    // Nobody told this receiver anything that would be over now, or that a yes has to be added to.
    if (first === null && message.stage !== 'asked' && message.stage !== 'escalated') {
      return this.#untold(each, message)
    }
    try {
      const yeses = approval.signed === each.signed ? each.yeses : await this.#telling.yesesTo(approval)
      const left = await this.#send({ approval, message, receiver, yeses, first })
      lane.reached()
      await this.#settle(each, { ...entry, left, yeses: yeses.length })
      return NEVER
    } catch (error) {
      const state = each.tries.get(keyOf(message))
      const wait = lane.failed(error, state?.tries ?? 0, each.id)
      if (state !== undefined) state.tries += 1
      await ledger.putOff(entry, wait)
      return clock() + wait
    }
  }

  /** Unless another broker is about to tell it the first: then it is told this afterwards. */
  #untold(each: Watched, message: Message): number {
    const state = each.tries.get(keyOf(message))
    if (state === undefined || state.tries > 0) return NEVER
    state.tries += 1
    return this.#telling.clock() + TRY_MS
  }

  async #send({ approval, message, receiver, yeses, first }: Sending): Promise<string> {
    const isOver = message.stage === 'answered' || message.stage === 'expired'
    const plan = isOver ? null : await this.#telling.planOf(approval)
    const id = message.message === '' ? approval.id : `${approval.id}:${message.message}`
    const notice = toNotice(approval, { id, stage: message.stage }, { yeses, plan }, this.#telling)
    return this.#telling.notifierOf(receiver).send(notice, first)
  }

  async #settle(each: Watched, { left, yeses, ...entry }: Told): Promise<void> {
    const { ledger, clock } = this.#telling
    const ms = Math.max(each.endsAt - clock(), 0) + KEPT_MS
    await ledger.settle(entry, left, ms)
    // It said who said yes already.
    if (yeses > 0 && each.over === null) await ledger.settle({ ...entry, message: `yes-${yeses}` }, left, ms)
  }
}

interface Sending {
  readonly approval: Approval
  readonly message: Message
  readonly receiver: Receiver
  readonly yeses: readonly string[]
  readonly first: string | null
}

interface Told {
  readonly receiver: string
  readonly approval: string
  readonly message: string
  readonly left: string
  readonly yeses: number
}

function isDone(each: Watched, message: Message): boolean {
  return each.tries.get(keyOf(message))?.at === NEVER
}

function keyOf({ receiver, message }: Pick<Message, 'receiver' | 'message'>): string {
  return `${receiver} ${message}`
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const stop = () => resolve()
  signal.addEventListener('abort', stop)
  if (signal.aborted) resolve()
  await promise
  signal.removeEventListener('abort', stop)
  clearTimeout(timer)
}
