import type { ApprovalStore } from '../../../src/approval/approval.ts'
import type { Committed } from '../../../src/lease/committed.ts'
import { type Lease, timesNarrowed } from '../../../src/lease/lease.ts'
import type { Commit, LeaseLedger, LeaseStore, VerifyAnswer } from '../../../src/lease/lease-store.ts'
import { verifyPlain } from '../wire/plain-answer.ts'
import { type Ended, MemoryLeases, roomOf, sliceOf, takeOf } from './memory-leases.ts'
import { MemoryQuestions } from './memory-questions.ts'

export interface Stores {
  readonly ledger: LeaseLedger
  readonly store: LeaseStore
  readonly approvals: ApprovalStore
}

/** The rules of the store in plain words of TypeScript, in memory: a fake for tests, and what the real one is compared with. */
export class MemoryStores implements Stores {
  readonly #once = new Map<string, Committed>()
  readonly #verify: VerifyAnswer
  /** Every entry and event in order, for tests to look at. */
  readonly journal: string[] = []
  readonly #leases = new MemoryLeases(this.journal)
  readonly #questions = new MemoryQuestions(this.#leases, this.journal)
  readonly store: LeaseStore = this.#leases.store
  readonly approvals: ApprovalStore = this.#questions.approvals

  constructor(verify: VerifyAnswer = verifyPlain) {
    this.#verify = verify
  }

  /** As its contract would say. */
  lease(id: string): Lease | null {
    return this.#leases.held(id)?.lease ?? null
  }

  readonly ledger: LeaseLedger = {
    contract: async id => this.#leases.held(id)?.contract ?? null,
    isOutdated: ({ id, narrowed }) => {
      const held = this.#leases.held(id)
      return held !== undefined && timesNarrowed(held.lease) > (narrowed?.times ?? 0)
    },
    commit: async commit => this.#commit(commit),
    giveBack: async used => this.#questions.giveBack(used),
    refuse: async ({ entry }) => void this.journal.push(entry),
    taken: async ids =>
      ids.map(id => {
        const held = this.#leases.held(id)
        return { counts: { ...held?.taken }, objects: new Set(held?.touched) }
      }),
    states: async (ids, now) => ids.map(id => this.#leases.state(id, now)),
    followEnds: (onEnd, signal) => this.#leases.followEnds(onEnd, signal),
  }

  async #commit(commit: Commit): Promise<Committed> {
    const key = `${commit.lease.id.slice(-2)} ${commit.id}`
    const first = this.#once.get(key)
    if (first !== undefined) return first
    const proven = await this.#proven(commit)
    // Whoever came meanwhile came first.
    const meanwhile = this.#once.get(key)
    if (meanwhile !== undefined) return meanwhile
    const committed = this.#settle(commit, proven)
    if (committed.kind === 'outdated' || committed.kind === 'beyond') return committed
    this.#once.set(key, committed)
    this.journal.push(commit.entry)
    return committed
  }

  /** Approvals that the broker signed, of those this request could use. */
  async #proven({ lease, intent, now }: Commit): Promise<string | null> {
    if (intent.kind !== 'approval') return null
    const open = this.#questions.usable(lease.id, intent, now)
    if (open === undefined) return null
    const { digest, question, quorum } = intent
    const asked = { approval: open.id, lease: lease.id, agent: lease.agent, digest, question, quorum }
    return (await this.#verify(open.signed, asked, now)) === null ? null : open.id
  }

  #settle({ id: commitId, lease, now, intent, limits, narrowed = [] }: Commit, proven: string | null): Committed {
    const chain = [lease.id, ...lease.ancestors]
    const states = chain.map(id => this.#leases.own(id, now))
    const ended = states.find((state): state is Ended => state.kind !== 'active')
    if (ended !== undefined) return { kind: 'ended', state: ended }
    const times = chain.map(id => timesNarrowed(this.#leases.held(id)?.lease ?? {}))
    if (times.some((each, at) => each > (narrowed[at] ?? 0))) return { kind: 'outdated' }
    if (now >= lease.expiresAt) return { kind: 'ended', state: { kind: 'expired' } }
    if (intent.kind === 'deny') return { kind: 'denied' }
    const holders = chain.map(id => this.#leases.held(id)).filter(held => held !== undefined)
    const room = roomOf(holders, intent, limits)
    if (room.spent === 'requestsPerSecond') return { kind: 'too-fast' }
    if (room.spent !== null) return { kind: 'budget-spent', budget: room.spent }
    if (room.beyond.length > 0) return { kind: 'beyond', budgets: room.beyond }
    const answered = intent.kind === 'approval' ? this.#questions.ask(lease, intent, now, { holders, limits }) : null
    if (answered !== null && answered.kind !== 'allowed') return answered
    if (answered !== null && answered.approval !== proven) {
      return { kind: 'unproven', approval: answered.approval ?? '' }
    }
    if (answered !== null && intent.kind === 'approval' && intent.unwatched === true)
      return { kind: 'unwatched', approval: answered.approval ?? '' }
    const seconds = intent.take.includes('execSeconds') ? sliceOf(holders, limits) : 0
    for (const [index, held] of holders.entries()) takeOf(held, intent, limits[index] ?? {}, seconds)
    const open = intent.kind === 'approval' ? this.#questions.use(lease.id, intent, commitId, now) : null
    const takings = { ...(room.nearly === null ? {} : { nearly: room.nearly }), ...(seconds === 0 ? {} : { seconds }) }
    return { kind: 'allowed', approval: open, ...takings }
  }
}
