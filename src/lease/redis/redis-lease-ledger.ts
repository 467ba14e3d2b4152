import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { COMMIT, GIVE_BACK } from '../../redis/scripts.ts'
import type { Committed } from '../committed.ts'
import { type Lease, type LeaseState, timesNarrowed } from '../lease.ts'
import { isApprovalId, partitionName, partitionOf } from '../lease-id.ts'
import type { Commit, EndNews, LeaseLedger, Refused, TakenSoFar, Used, Verified, VerifyAnswer } from '../lease-store.ts'
import { LIMITS, type Limits } from '../limits.ts'
import { MOST_OF_SERIES } from '../questions/series.ts'
import { Remembered } from '../remembered.ts'
import { RememberedStops } from '../stop/remembered-stops.ts'
import {
  type CommitReply,
  commitArguments,
  commitKeys,
  type JournalMarks,
  parseCommitReply,
  type Sending,
} from './commit.ts'
import { followLeaseEnds } from './ends.ts'
import { REFUSAL_MARKS, type RefusalMarks, writeRefusal } from './refusals.ts'
import { knownPartition, readStates } from './states.ts'
import { readTaken } from './taken.ts'

export interface LedgerSettings extends JournalMarks, RefusalMarks {
  readonly partitions: number
  readonly limits: Limits
  readonly verifyAnswer: VerifyAnswer
}

/**
 * A full journal takes about 560 MB of Redis' memory in each partition (1.0 KB an entry). The high mark is an hour of 500
 * requests a second, spread over four partitions.
 */
export const LEDGER_DEFAULTS: LedgerSettings = {
  partitions: PARTITIONS,
  journalHighMark: 500_000,
  journalHardLimit: 550_000,
  journalHighBytes: 500_000_000,
  journalHardBytes: 550_000_000,
  ...REFUSAL_MARKS,
  limits: LIMITS,
  verifyAnswer: async () => null,
}

const DAY_MS = 86_400_000

type Revoked = Extract<LeaseState, { readonly kind: 'revoked' }>
const REVOKED: Revoked = { kind: 'revoked', by: '', reason: '', at: 0 }

/**
 * What the authorizer needs of leases, in one script call a request. Keeps for itself what must not be taken back by
 * whoever can write to the store: which leases it has seen revoked, and which approvals were used.
 */
export class RedisLeaseLedger implements LeaseLedger {
  readonly #link: RedisLink
  readonly #settings: LedgerSettings
  readonly #revoked = new Remembered<Revoked>()
  readonly #stops = new RememberedStops()
  /** Leases as they were before they were narrowed, by id and how often they had been. */
  readonly #before = new Remembered<true>()
  /** By approval the request that used it. */
  readonly #used = new Remembered<string>()

  constructor(link: RedisLink, settings: Partial<LedgerSettings> = {}) {
    this.#link = link
    this.#settings = { ...LEDGER_DEFAULTS, ...settings }
  }

  async contract(id: string): Promise<string | null> {
    if (!knownPartition(id, this.#settings.partitions)) return null
    return this.#link.ask('contract', redis => redis.hget(`${partitionPrefix(partitionOf(id))}lease:${id}`, 'contract'))
  }

  isOutdated(lease: Pick<Lease, 'id' | 'narrowed'>): boolean {
    return this.#before.get(versionOf(lease.id, timesNarrowed(lease))) !== null
  }

  async commit(commit: Commit): Promise<Committed> {
    if (this.#isOutdated(commit)) return { kind: 'outdated' }
    const state = this.#stops.hasEnded(commit.lease) ? REVOKED : this.#revokedOf(commit.lease)
    const against: Sending['against'] =
      state === null ? null : { reason: 'lease-revoked', result: { kind: 'ended', state } }
    const reply = await this.#send(commit, against, '')
    if (reply.kind === 'ended' && reply.state.kind === 'revoked') this.#remember(commit, reply.state)
    const committed = 'answer' in reply ? await this.#proved(commit, reply) : reply
    // The script never does this. Should it, nothing is let through.
    if (committed.kind !== 'allowed') return committed
    if (commit.intent.kind === 'deny' || (commit.intent.kind === 'approval') !== (committed.approval !== null))
      throw new RedisError('bad-reply', 'commit: allowed what nobody allowed')
    if (commit.intent.take.includes('execSeconds') !== (committed.seconds !== undefined))
      throw new RedisError('bad-reply', 'commit: nobody knows how many seconds were taken')
    return committed
  }

  /** A yes counts when the broker signed it for exactly this, and is used once, whatever the store makes of it. */
  async #proved(commit: Commit, reply: Extract<CommitReply, { readonly answer: string }>): Promise<Committed> {
    const { approval, answer } = reply
    const verified = await this.#verify(commit, approval, answer)
    if (verified === null) return this.#unproven(commit, reply)
    if (isUnwatched(commit)) return this.#unwatched(commit, approval)
    if (reply.kind === 'allowed') return this.#use(commit, reply, verified)
    const settled = await this.#send(commit, null, answer)
    if (!('answer' in settled)) return settled
    if (settled.kind === 'approved' || settled.answer !== answer) {
      throw new RedisError('bad-reply', `commit: the answer to ${approval} changes`)
    }
    return this.#use(commit, settled, verified)
  }

  async #verify({ id, lease, intent, now }: Commit, approval: string, answer: string): Promise<Verified | null> {
    if (intent.kind !== 'approval' || !(this.#isUnused(approval, id) || mayRepeat(intent))) return null
    const { digest, question, quorum, lasting = null } = intent
    const asked = { approval, lease: lease.id, agent: lease.agent, digest, question, quorum, lasting }
    return this.#settings.verifyAnswer(answer, asked, now)
  }

  async #unproven(commit: Commit, { kind, approval }: { kind: string; approval: string }): Promise<Committed> {
    const result = { kind: 'unproven', approval } as const
    if (kind === 'allowed') return result
    // One that nobody may rely on any more is in nobody's way for as long as the lease lives.
    const { intent } = commit
    if (intent.kind === 'approval' && intent.lasting != null)
      return this.commit({ ...commit, intent: { ...intent, lasting: null } })
    const settled = await this.#send(commit, { reason: 'unavailable', result }, '')
    return 'answer' in settled ? result : settled
  }

  /** The yes stays as it is. */
  async #unwatched(commit: Commit, approval: string): Promise<Committed> {
    const result = { kind: 'unwatched', approval } as const
    const settled = await this.#send(commit, { reason: 'nobody-watches', result }, '')
    return 'answer' in settled ? result : settled
  }

  #isUnused(approval: string, id: string): boolean {
    return [null, id].includes(this.#used.get(approval))
  }

  #use(
    { id, now, intent }: Commit,
    { approval, answer: _, ...allows }: Extract<CommitReply, { readonly kind: 'allowed'; readonly answer: string }>,
    { until, bound, isLasting }: Verified,
  ): Committed {
    const allowed = { approval, ...allows }
    if (isLasting === true) return { ...allowed, lasting: true }
    // Of two at once that the store let through, one came first here.
    if (!this.#isUnused(approval, id) && !(intent.kind === 'approval' && mayRepeat(intent)))
      return { kind: 'unproven', approval }
    this.#used.add(approval, id, until, now)
    return bound === '' ? allowed : { ...allowed, bound }
  }

  async #send(commit: Commit, against: Sending['against'], proof: string): Promise<CommitReply> {
    const args = commitArguments(commit, { marks: this.#settings, limits: this.#settings.limits, against, proof })
    const answer = await this.#link.run(COMMIT, commitKeys(commit), args)
    const isRepeated = Array.isArray(answer)
    const reply = parseCommitReply(isRepeated ? answer[0] : answer)
    if (reply.kind === 'outdated') this.#learnOutdated(commit, reply.lease)
    const isSettled = !['approved', 'journal-full', 'outdated', 'beyond'].includes(reply.kind)
    // What was settled before may be forgotten any moment.
    if (!isRepeated && isSettled) {
      this.#link.witnessed(partitionPrefix(partitionOf(commit.lease.id)), `once:${commit.id}`, commit.now)
    }
    return reply
  }

  #revokedOf({ id, ancestors }: Pick<Lease, 'id' | 'ancestors'>): Revoked | null {
    for (const one of [id, ...ancestors]) {
      const known = this.#revoked.get(one)
      if (known !== null) return known === 'forgotten' ? REVOKED : known
    }
    return null
  }

  #remember({ lease, now }: Commit, state: Revoked): void {
    this.#revoked.add(lease.id, state, lease.expiresAt, now)
  }

  #learnOutdated({ lease, narrowed = [], now }: Commit, id: string): void {
    const at = [lease.id, ...lease.ancestors].indexOf(id)
    this.#rememberBefore(id, narrowed[at] ?? 0, now + DAY_MS, now)
  }

  /** Also as it was before that. */
  #rememberBefore(id: string, was: number, until: number, now: number): void {
    for (let times = 0; times <= was; times++) this.#before.add(versionOf(id, times), true, until, now)
  }

  #isOutdated({ lease, narrowed = [] }: Commit): boolean {
    return [lease.id, ...lease.ancestors].some((id, at) => this.#before.get(versionOf(id, narrowed[at] ?? 0)) !== null)
  }

  async giveBack({ approval, request, now }: Used): Promise<boolean> {
    if (!isApprovalId(approval) || Number.parseInt(partitionOf(approval), 16) >= this.#settings.partitions) return false
    const prefix = partitionPrefix(partitionOf(approval))
    const args = [prefix, now, approval, request, MOST_OF_SERIES]
    const isBack = (await this.#link.run(GIVE_BACK, [`${prefix}approval:${approval}`], args)) === 1
    if (isBack && this.#used.get(approval) === request) this.#used.remove(approval)
    return isBack
  }

  async refuse(refused: Refused): Promise<void> {
    await writeRefusal(this.#link, refused, this.#settings)
  }

  async taken(ids: readonly string[]): Promise<readonly TakenSoFar[]> {
    return Promise.all(ids.map(id => readTaken(this.#link, id, this.#settings.partitions)))
  }

  async states(ids: readonly string[], now: number): Promise<readonly LeaseState[]> {
    const states = await readStates(this.#link, ids, now, this.#settings.partitions)
    return states.map((state, index) => {
      const id = ids[index] ?? ''
      if (state.kind === 'revoked') this.#revoked.add(id, state, now + DAY_MS, now)
      return state.kind === 'active' ? (this.#revokedOf({ id, ancestors: [] }) ?? state) : state
    })
  }

  /** Settles when the signal is aborted, and not before: it waits for a store that is away. */
  async followEnds(onNews: (news: EndNews) => void, signal: AbortSignal): Promise<void> {
    const partitions = Array.from({ length: this.#settings.partitions }, (_, index) => partitionName(index))
    const remember = (news: EndNews) => {
      if (news.kind === 'lease') this.#revoked.add(news.lease, REVOKED, news.until, Date.now())
      else if (news.kind === 'narrowed') this.#rememberBefore(news.lease, news.was, news.until, Date.now())
      else this.#stops.add(news)
      onNews(news)
    }
    await Promise.all(partitions.map(partition => followLeaseEnds(this.#link, partition, remember, signal)))
  }
}

/** Sorts by the time of the lease, as ids do. */
function versionOf(id: string, times: number): string {
  return `${id}/${times}`
}

function isUnwatched({ intent }: Commit): boolean {
  return intent.kind === 'approval' && intent.unwatched === true
}

/**
 * Whether a yes that was used here may be good for this one too: another page of a list, a try of an eviction that another authorizer
 * heard was put off. How often, and until when, is the store's to count, and within the time that the broker signed.
 */
function mayRepeat({ series }: Extract<Commit['intent'], { readonly kind: 'approval' }>): boolean {
  return series?.kind === 'tries' || (series?.kind === 'pages' && series.page !== null)
}
