import { formatDuration } from '../../../../policy/file/values/duration.ts'
import { LONGEST_TIMER_MS } from '../../../../support/time/longest-timer.ts'
import type { BrokerClient } from '../../../broker/broker-client.ts'
import { CliError } from '../../../command/cli-error.ts'
import type { LeaseEnded } from '../../../lease/end-leases.ts'
import { type LeaseWish, requestLease } from '../../../lease/request.ts'
import type { ShownLease } from '../../../lease/shown-lease.ts'
import type { LeaseHolder, Taken } from '../../held-leases.ts'
import type { Keeper } from './keeper.ts'
import { BEFORE_TOKEN_MS } from './keeper-words.ts'

interface Options {
  readonly broker: BrokerClient
  readonly keeper: Keeper
  /** Whose they are. */
  readonly identity: string
  readonly boundaryUrl: string
  /** What is held has changed. */
  readonly onChange: () => void
}

/** Less than this is not worth a lease. */
const SHORTEST_MS = BEFORE_TOKEN_MS + 30_000
/** The policy has its own numbers; this one is for the memory of whoever runs the server. */
const MOST = 64
/** By how much the broker's clock may be behind ours. */
const SLACK_MS = 60_000

/** Of one conversation over HTTP. No file is written, and no credential given out: kubectl runs elsewhere, under an identity of its own. */
export class KeptLeases implements LeaseHolder {
  readonly #options: Options
  /** By id, with the timer of their natural end. */
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #asked = new Set<Promise<ShownLease>>()
  #closedBecause: string | null = null

  constructor(options: Options) {
    this.#options = options
  }

  /** Rejects where none is given, and once the conversation is over. */
  async take(wish: LeaseWish): Promise<Taken> {
    const { boundaryUrl, onChange } = this.#options
    this.#mayTake()
    const asked = this.#ask(wish)
    this.#asked.add(asked)
    const lease = await asked.finally(() => this.#asked.delete(asked))
    onChange()
    return {
      lease,
      use: { boundary: boundaryUrl, heldUntil: this.#heldUntil(lease.expiresAt), next: nextFor(lease.id) },
    }
  }

  #mayTake(): void {
    const { keeper, identity } = this.#options
    const leftMs = keeper.tokenEndsAt(identity) - Date.now()
    if (leftMs < SHORTEST_MS)
      throw new CliError(
        'refused',
        `your token ends in ${formatDuration(Math.max(0, leftMs))}: sign in anew, then ask again`,
      )
    if (this.#timers.size + this.#asked.size >= MOST)
      throw new CliError('refused', 'you hold too many leases: give some back')
    if (this.#closedBecause !== null) throw new CliError('refused', this.#closedBecause)
  }

  async #ask(wish: LeaseWish): Promise<ShownLease> {
    const { broker, keeper, identity } = this.#options
    const lease = await requestLease(broker, wish, NOTHING)
    keeper.hold(lease.id, identity)
    const overMs = lease.expiresAt + SLACK_MS - Date.now()
    this.#timers.set(lease.id, setTimeout(() => this.#over(lease), Math.min(overMs, LONGEST_TIMER_MS)).unref())
    // The conversation may have ended meanwhile.
    if (this.#closedBecause !== null) await this.end(lease.id, this.#closedBecause)
    return lease
  }

  async end(id: string, reason: string): Promise<LeaseEnded | null> {
    const { keeper, identity, onChange } = this.#options
    const timer = this.#timers.get(id)
    if (timer === undefined) return null
    clearTimeout(timer)
    this.#timers.delete(id)
    const ended = await keeper.end(id, identity, reason)
    onChange()
    return ended
  }

  /** What has ended by itself is held no more. */
  lost(id: string): void {
    clearTimeout(this.#timers.get(id))
    if (this.#timers.delete(id)) this.#options.onChange()
  }

  /** Ends them all, and what is being asked for. */
  async close(reason: string): Promise<readonly LeaseEnded[]> {
    this.#closedBecause = reason
    await Promise.allSettled(this.#asked)
    const all = await Promise.all([...this.#timers.keys()].map(id => this.end(id, reason)))
    return all.filter(one => one !== null)
  }

  #over({ id, expiresAt }: ShownLease): void {
    if (Date.now() < expiresAt) return
    this.#options.keeper.forget(id)
    this.lost(id)
  }

  #heldUntil(expiresAt: number): string {
    const tokenAt = this.#options.keeper.tokenEndsAt(this.#options.identity) - BEFORE_TOKEN_MS
    return new Date(Math.min(expiresAt, tokenAt)).toISOString()
  }
}

async function* nothing(): AsyncGenerator<string> {}
const NOTHING = nothing()

/** For where kubectl runs, as the same agent. */
function nextFor(lease: string): string {
  return `leasegate kubeconfig --lease ${lease} --out kubeconfig.yaml && export KUBECONFIG=$PWD/kubeconfig.yaml`
}
