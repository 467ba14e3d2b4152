import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { OnCallSource } from '../../../policy/notify.ts'
import type { Logger } from '../../../support/logger.ts'
import type { Clock } from '../../../support/time/clock.ts'
import { NotReachedError } from '../notifier.ts'
import { notTaken } from '../ways/retry-after.ts'
import { postSigned } from '../ways/standard-webhook.ts'
import type { OnCall } from './due.ts'

const WITHIN_MS = 3000
const MAX_ANSWER = 16_384
/** Shifts do not change by the second. */
const KNOWN_MS = 60_000
const AGAIN_MS = 10_000

/** Names and nothing else: what they are of, and where they are reached, the policy says. */
const ANSWER = z.object({ tell: z.array(z.string().max(128)).max(20) })

/** Asks who is on call. It is asked about no question in particular, and told of none. */
export async function askOnCall(source: OnCallSource, clock: Clock): Promise<readonly string[]> {
  const event = { type: 'on-call.asked', timestamp: new Date(clock()).toISOString(), data: {} }
  const signed = { id: `on-call:${randomUUID()}`, event, withinMs: WITHIN_MS, maxBytes: MAX_ANSWER }
  const answer = await postSigned(source, signed, clock)
  if (answer.status !== 200) throw notTaken('who is on call', answer)
  const names = namesIn(answer.text)
  if (names === null) throw new NotReachedError('who is on call is answered by something else than {"tell": [names]}')
  return names
}

/** Null for everything else. */
function namesIn(text: string): readonly string[] | null {
  try {
    return ANSWER.safeParse(JSON.parse(text)).data?.tell ?? null
  } catch {
    return null
  }
}

/** Who is on call, asked beside everything else: nobody waits for the answer. */
export class OnCallNow {
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'warn'>
  /** Of whom what is known is. */
  #source = ''
  #now: OnCall = { kind: 'asking' }
  #until = 0
  #asking: Promise<void> | null = null

  constructor(clock: Clock, log: Pick<Logger, 'warn'>) {
    this.#clock = clock
    this.#log = log
  }

  /** What was known last goes on until there is something newer. */
  get(source: OnCallSource | null): OnCall {
    if (source === null) return { kind: 'silent' }
    const name = JSON.stringify(source)
    if (name !== this.#source) {
      this.#source = name
      this.#learn(name, { kind: 'asking' }, 0)
    }
    if (this.#until <= this.#clock()) this.#asking ??= this.#ask(source, name)
    return this.#now
  }

  async stop(): Promise<void> {
    await this.#asking
  }

  async #ask(source: OnCallSource, name: string): Promise<void> {
    try {
      const names = await askOnCall(source, this.#clock)
      this.#learn(name, { kind: 'names', names }, KNOWN_MS)
    } catch (error) {
      this.#log.warn({ err: error }, 'nobody says who is on call; everybody is told instead')
      this.#learn(name, { kind: 'silent' }, AGAIN_MS)
    } finally {
      this.#asking = null
    }
  }

  /** Unless the policy names another source by now. */
  #learn(source: string, now: OnCall, ms: number): void {
    if (source !== this.#source) return
    this.#now = now
    this.#until = this.#clock() + ms
  }
}
