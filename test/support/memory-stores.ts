import type { Answer, Answered, Approval, ApprovalStore } from '../../src/approval/approval.ts'
import type { Budget, Lease, LeaseState } from '../../src/lease/lease.ts'
import type { Commit, Committed, LeaseEnd, LeaseLedger, LeaseStore, NewLease } from '../../src/lease/lease-store.ts'

export interface Stores {
  readonly ledger: LeaseLedger
  readonly store: LeaseStore
  readonly approvals: ApprovalStore
}

interface Held {
  readonly lease: Lease
  readonly contract: string
  readonly taken: Partial<Record<Budget, number>>
  revoked: Extract<LeaseState, { kind: 'revoked' }> | null
}

type Ended = Exclude<LeaseState, { readonly kind: 'active' }>
type Asked = Approval & { readonly useMs: number }

const ACTIVE = { kind: 'active' } as const

/** The rules of the store in plain words of TypeScript, in memory: a fake for tests, and what the real one is compared with. */
export class MemoryStores implements Stores {
  readonly #leases = new Map<string, Held>()
  readonly #approvals = new Map<string, Asked>()
  readonly #open = new Map<string, string>()
  readonly #once = new Map<string, Committed>()
  readonly #followers = new Set<(end: LeaseEnd) => void>()
  /** Every entry and event in order, for tests to look at. */
  readonly journal: string[] = []

  readonly ledger: LeaseLedger = {
    contract: async id => this.#leases.get(id)?.contract ?? null,
    commit: async commit => this.#commit(commit),
    refuse: async ({ entry }) => void this.journal.push(entry),
    states: async (ids, now) => ids.map(id => this.#state(id, now)),
    followEnds: async (onEnd, signal) => {
      this.#followers.add(onEnd)
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
      this.#followers.delete(onEnd)
    },
  }

  readonly store: LeaseStore = {
    create: async asked => this.#create(asked),
    find: async (id, now) => {
      const held = this.#leases.get(id)
      return held ? { contract: held.contract, state: this.#state(id, now), taken: { ...held.taken } } : null
    },
    list: async (agent, now) =>
      [...this.#leases.values()]
        .filter(
          ({ lease }) => (agent === null || lease.agent === agent) && this.#state(lease.id, now).kind === 'active',
        )
        .map(({ contract, taken }) => ({ contract, state: ACTIVE, taken: { ...taken } }))
        .toSorted((a, b) => (a.contract < b.contract ? -1 : 1)),
    revoke: async ({ id, by, reason, now, event }) => {
      if (this.#state(id, now).kind !== 'active') return false
      for (const held of this.#leases.values()) {
        const under = held.lease.id === id || held.lease.ancestors.includes(id)
        if (!under || held.revoked !== null) continue
        held.revoked = { kind: 'revoked', by, reason, at: now }
        for (const follower of this.#followers) follower({ lease: held.lease.id, cursor: String(now) })
      }
      this.journal.push(event)
      return true
    },
  }

  readonly approvals: ApprovalStore = {
    find: async (id, now) => this.#approval(id, now),
    pending: async now =>
      [...this.#approvals.keys()]
        .toSorted()
        .map(id => this.#approval(id, now))
        .filter(approval => approval?.state === 'pending') as Approval[],
    answer: async answer => this.#answer(answer),
  }

  #state(id: string, now: number): LeaseState {
    const held = this.#leases.get(id)
    for (const one of [id, ...(held?.lease.ancestors ?? [])]) {
      const state = this.#own(one, now)
      if (state.kind !== 'active') return state
    }
    return ACTIVE
  }

  #own(id: string, now: number): LeaseState {
    const held = this.#leases.get(id)
    if (held === undefined) return { kind: 'unknown' }
    return held.revoked ?? (now >= held.lease.expiresAt ? { kind: 'expired' } : ACTIVE)
  }

  #create({ lease, contract, limit, event }: NewLease): Awaited<ReturnType<LeaseStore['create']>> {
    const alike = [...this.#leases.values()].filter(
      ({ lease: other }) =>
        other.agent === lease.agent &&
        other.template === lease.template &&
        other.ancestors.length === 0 &&
        this.#own(other.id, lease.issuedAt).kind === 'active',
    )
    const above = lease.ancestors.map(id => this.#own(id, lease.issuedAt).kind)
    if (above.some(kind => kind !== 'active')) throw new Error('a lease above it is not live')
    if (this.#leases.has(lease.id)) return { kind: 'created' }
    if (lease.ancestors.length === 0 && alike.length >= limit) {
      return { kind: 'too-many', held: alike.map(held => held.lease.id) }
    }
    this.#leases.set(lease.id, { lease, contract, taken: {}, revoked: null })
    this.journal.push(event)
    return { kind: 'created' }
  }

  #commit(commit: Commit): Committed {
    const key = `${commit.lease.id.slice(-2)} ${commit.id}`
    const first = this.#once.get(key)
    if (first !== undefined) return first
    const committed = this.#settle(commit)
    this.#once.set(key, committed)
    this.journal.push(commit.entry)
    return committed
  }

  #settle({ lease, now, intent }: Commit): Committed {
    const chain = [lease.id, ...lease.ancestors]
    const states = chain.map(id => this.#own(id, now))
    const ended = states.find((state): state is Ended => state.kind !== 'active')
    if (ended !== undefined) return { kind: 'ended', state: ended }
    if (now >= lease.expiresAt) return { kind: 'ended', state: { kind: 'expired' } }
    if (intent.kind === 'deny') return { kind: 'denied' }
    const holders = chain.map(id => this.#leases.get(id)).filter(held => held !== undefined)
    for (const held of holders) {
      const spent = intent.take.find(
        one => (held.taken[one] ?? 0) >= (held.lease.budgets[one] ?? Number.POSITIVE_INFINITY),
      )
      if (spent !== undefined) return { kind: 'budget-spent', budget: spent }
    }
    if (intent.kind === 'approval') {
      const waiting = this.#ask(lease, intent, now)
      if (waiting !== null) return waiting
    }
    for (const { taken } of holders) for (const one of intent.take) taken[one] = (taken[one] ?? 0) + 1
    const open = intent.kind === 'approval' ? this.#use(lease.id, intent.digest) : null
    return { kind: 'allowed', approval: open }
  }

  #ask(lease: Lease, intent: Extract<Commit['intent'], { kind: 'approval' }>, now: number): Committed | null {
    const { digest, proposedId: id, question, askMs, useMs } = intent
    const open = this.#approvals.get(this.#open.get(`${lease.id} ${digest}`) ?? '')
    if (open !== undefined && now < open.endsAt) {
      if (open.state === 'approved') return null
      if (open.state === 'pending') return { kind: 'pending', approval: open.id }
      if (open.state === 'rejected') return { kind: 'rejected', approval: open.id }
    }
    const { agent } = lease
    const asked = { id, lease: lease.id, agent, digest, question: JSON.parse(question), askedAt: now }
    this.#approvals.set(id, { ...asked, state: 'pending', endsAt: now + askMs, decidedBy: '', useMs })
    this.#open.set(`${lease.id} ${digest}`, id)
    return { kind: 'pending', approval: id }
  }

  #use(lease: string, digest: string): string | null {
    const approval = this.#approvals.get(this.#open.get(`${lease} ${digest}`) ?? '')
    if (approval === undefined) return null
    this.#approvals.set(approval.id, { ...approval, state: 'used' })
    this.#open.delete(`${lease} ${digest}`)
    return approval.id
  }

  #approval(id: string, now: number): Approval | null {
    const asked = this.#approvals.get(id)
    if (asked === undefined) return null
    const { useMs: _, ...approval } = asked
    const open = approval.state === 'pending' || approval.state === 'approved'
    const over = now >= approval.endsAt || this.#state(approval.lease, now).kind !== 'active'
    return open && over ? { ...approval, state: 'expired' } : approval
  }

  #answer({ id, by, verdict, now, event }: Answer): Answered {
    const asked = this.#approvals.get(id)
    if (asked === undefined) return { kind: 'unknown' }
    if (asked.state === 'approved' && now >= asked.endsAt) return { kind: 'closed', state: 'expired' }
    if (asked.state !== 'pending') return { kind: 'closed', state: asked.state }
    if (this.#approval(id, now)?.state !== 'pending') return { kind: 'closed', state: 'expired' }
    const leaseEnd = this.#leases.get(asked.lease)?.lease.expiresAt ?? 0
    const endsAt = verdict === 'approved' ? Math.min(now + asked.useMs, leaseEnd) : asked.endsAt
    this.#approvals.set(id, { ...asked, state: verdict, decidedBy: by, endsAt })
    this.journal.push(event)
    const approval = this.#approval(id, now)
    return approval === null ? { kind: 'unknown' } : { kind: 'answered', approval }
  }
}
