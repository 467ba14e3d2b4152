import type { Answer, Answered, Approval, ApprovalStore } from '../../../src/approval/approval.ts'
import { sha256 } from '../../../src/approval/verify-answer.ts'
import { type Budget, type Budgets, type Lease, type LeaseState, timesNarrowed } from '../../../src/lease/lease.ts'
import type {
  Commit,
  Committed,
  Created,
  EndNews,
  LeaseLedger,
  LeaseStore,
  Nearly,
  NewLease,
  Page,
  PageOf,
  Used,
  VerifyAnswer,
} from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { type Again, PARTS } from '../../../src/lease/questions/again.ts'
import { MOST_OF_SERIES, type Page as PageOfList } from '../../../src/lease/questions/series.ts'
import { KEEP_ASKED_MS } from '../../../src/redis/keys.ts'
import { verifyPlain } from '../wire/plain-answer.ts'

export interface Stores {
  readonly ledger: LeaseLedger
  readonly store: LeaseStore
  readonly approvals: ApprovalStore
}

interface Held {
  readonly lease: Lease
  readonly contract: string
  readonly taken: Partial<Record<Budget, number>>
  /** Hashed, where they are counted. */
  readonly touched: Set<string>
  paced: { second: number; requests: number }
  revoked: Extract<LeaseState, { kind: 'revoked' }> | null
}

type Ended = Exclude<LeaseState, { readonly kind: 'active' }>
type Question = Extract<Commit['intent'], { readonly kind: 'approval' }>
type Asked = Approval & { readonly intent: Question }

const ACTIVE = { kind: 'active' } as const

/** The rules of the store in plain words of TypeScript, in memory: a fake for tests, and what the real one is compared with. */
export class MemoryStores implements Stores {
  readonly #leases = new Map<string, Held>()
  readonly #approvals = new Map<string, Asked>()
  readonly #open = new Map<string, string>()
  readonly #once = new Map<string, Committed>()
  /** By agent and what was asked about. */
  readonly #about = new Map<string, { readonly id: string; readonly until: number }>()
  /** By lease and digest, the yes that a list was begun with; by approval, how it was used. */
  readonly #lists = new Map<string, string>()
  readonly #uses = new Map<string, { readonly times: number; readonly page: PageOfList | null; readonly by: string }>()
  /** By agent and subject. */
  readonly #noes = new Map<string, { readonly id: string; readonly until: number }>()
  /** By what is counted, agent and minute. */
  readonly #counts = new Map<string, number>()
  readonly #verify: VerifyAnswer
  readonly #followers = new Set<(end: EndNews) => void>()
  /** Every entry and event in order, for tests to look at. */
  readonly journal: string[] = []

  constructor(verify: VerifyAnswer = verifyPlain) {
    this.#verify = verify
  }

  /** As its contract would say. */
  lease(id: string): Lease | null {
    return this.#leases.get(id)?.lease ?? null
  }

  readonly ledger: LeaseLedger = {
    contract: async id => this.#leases.get(id)?.contract ?? null,
    isOutdated: ({ id, narrowed }) => {
      const held = this.#leases.get(id)
      return held !== undefined && timesNarrowed(held.lease) > (narrowed?.times ?? 0)
    },
    commit: async commit => this.#commit(commit),
    giveBack: async used => this.#giveBack(used),
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
    list: async ({ agent, ...page }, now) => {
      const listed = [...this.#leases.values()].filter(
        ({ lease }) =>
          (agent === null || lease.agent === agent || lease.delegated?.by === agent) &&
          this.#own(lease.id, now).kind === 'active',
      )
      const { items, next } = pageOf(listed, ({ lease }) => lease.id, page)
      const live = items.filter(({ lease }) => this.#state(lease.id, now).kind === 'active')
      return { items: live.map(({ contract, taken }) => ({ contract, state: ACTIVE, taken: { ...taken } })), next }
    },
    narrow: async ({ lease, contract, before, now, event }) => {
      const held = this.#leases.get(lease.id)
      if (held === undefined || this.#state(lease.id, now).kind !== 'active') return 'ended'
      if (timesNarrowed(held.lease) !== timesNarrowed(before)) return 'moved'
      this.#leases.set(lease.id, { ...held, lease, contract })
      const { id } = lease
      const was = timesNarrowed(before)
      for (const follower of this.#followers)
        follower({ kind: 'narrowed', lease: id, was, until: before.expiresAt, cursor: String(now) })
      this.journal.push(event)
      return 'narrowed'
    },
    revoke: async ({ id, by, reason, now, event }) => {
      if (this.#state(id, now).kind !== 'active') return false
      const held = this.#leases.get(id)
      if (held === undefined) return false
      held.revoked = { kind: 'revoked', by, reason, at: now }
      for (const follower of this.#followers) {
        follower({ kind: 'lease', lease: id, until: held.lease.expiresAt, cursor: String(now) })
      }
      this.journal.push(event)
      return true
    },
  }

  readonly approvals: ApprovalStore = {
    find: async (id, now) => this.#approval(id, now),
    pending: async ({ agent, ...page }, now) => {
      const waiting = [...this.#approvals.values()].filter(
        one => (agent === null || one.agent === agent) && one.state === 'pending' && now < one.endsAt,
      )
      const { items, next } = pageOf(waiting, ({ id }) => id, page)
      return { items: items.flatMap(({ id }) => this.#approval(id, now) ?? []).filter(isPending), next }
    },
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

  #create({ lease, contract, limit, event }: NewLease): Created {
    const now = lease.issuedAt
    const above = lease.ancestors.map(id => this.#own(id, now).kind)
    if (above.some(kind => kind !== 'active')) throw new Error('a lease above it is not live')
    if (this.#leases.has(lease.id)) return { kind: 'created' }
    if (contract.length > LIMITS.contractBytes) return { kind: 'limit', limit: 'bytes' }
    const live = [...this.#leases.values()]
      .map(held => held.lease)
      .filter(one => this.#own(one.id, now).kind === 'active')
    const [root] = lease.ancestors
    const mine = live.filter(one => one.agent === lease.agent)
    if (root === undefined) {
      const alike = mine.filter(one => one.template === lease.template && one.ancestors.length === 0)
      if (alike.length >= limit) return { kind: 'too-many', held: alike.map(({ id }) => id) }
    } else {
      if (lease.ancestors.length > LIMITS.levels) return { kind: 'limit', limit: 'levels' }
      const under = live.filter(one => one.ancestors[0] === root)
      if (under.length >= LIMITS.children) return { kind: 'limit', limit: 'children' }
    }
    if (mine.length >= LIMITS.leases) return { kind: 'limit', limit: 'leases' }
    if (!this.#counted(`made ${lease.agent}`, now, LIMITS.leasesPerMinute)) return { kind: 'limit', limit: 'minute' }
    this.#leases.set(lease.id, {
      lease,
      contract,
      taken: {},
      touched: new Set(),
      paced: { second: 0, requests: 0 },
      revoked: null,
    })
    this.journal.push(event)
    return { kind: 'created' }
  }

  #counted(what: string, now: number, most: number): boolean {
    const key = `${what} ${Math.floor(now / 60_000)}`
    const count = this.#counts.get(key) ?? 0
    if (count < most) this.#counts.set(key, count + 1)
    return count < most
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
    if (committed.kind === 'outdated') return committed
    this.#once.set(key, committed)
    this.journal.push(commit.entry)
    return committed
  }

  /** Approvals that the broker signed, of those this request could use. */
  async #proven({ lease, intent, now }: Commit): Promise<string | null> {
    if (intent.kind !== 'approval') return null
    const list = this.#listOf(lease.id, intent, now)
    const open = list ?? this.#approvals.get(this.#open.get(`${lease.id} ${intent.digest}`) ?? '')
    if (open === undefined || (list === null && open.state !== 'approved')) return null
    const { digest, question, quorum } = intent
    const asked = { approval: open.id, lease: lease.id, agent: lease.agent, digest, question, quorum }
    return (await this.#verify(open.signed, asked, now)) === null ? null : open.id
  }

  #settle({ id: commitId, lease, now, intent, limits, narrowed = [] }: Commit, proven: string | null): Committed {
    const chain = [lease.id, ...lease.ancestors]
    const states = chain.map(id => this.#own(id, now))
    const ended = states.find((state): state is Ended => state.kind !== 'active')
    if (ended !== undefined) return { kind: 'ended', state: ended }
    const times = chain.map(id => timesNarrowed(this.#leases.get(id)?.lease ?? {}))
    if (times.some((each, at) => each > (narrowed[at] ?? 0))) return { kind: 'outdated' }
    if (now >= lease.expiresAt) return { kind: 'ended', state: { kind: 'expired' } }
    if (intent.kind === 'deny') return { kind: 'denied' }
    const holders = chain.map(id => this.#leases.get(id)).filter(held => held !== undefined)
    const room = this.#room(holders, intent, limits)
    if (room.spent === 'requestsPerSecond') return { kind: 'too-fast' }
    if (room.spent !== null) return { kind: 'budget-spent', budget: room.spent }
    const answered = intent.kind === 'approval' ? this.#ask(lease, intent, now, { holders, limits }) : null
    if (answered !== null && answered.kind !== 'allowed') return answered
    if (answered !== null && answered.approval !== proven) {
      return { kind: 'unproven', approval: answered.approval ?? '' }
    }
    if (answered !== null && intent.kind === 'approval' && intent.unwatched === true)
      return { kind: 'unwatched', approval: answered.approval ?? '' }
    for (const [index, held] of holders.entries()) takeOf(held, intent, limits[index] ?? {})
    const open = intent.kind === 'approval' ? this.#use(lease.id, intent, commitId, now) : null
    return { kind: 'allowed', approval: open, ...(room.nearly === null ? {} : { nearly: room.nearly }) }
  }

  #room(
    holders: readonly Held[],
    { take, object }: Taking,
    limits: Commit['limits'],
  ): { readonly spent: Budget | null; readonly nearly: Nearly | null } {
    let nearly: Nearly | null = null
    for (const [index, held] of holders.entries()) {
      for (const budget of take) {
        const most = limits[index]?.[budget]
        const taken = takenSoFar(held, budget, object)
        if (most === undefined || taken === null) continue
        if (taken >= most) return { spent: budget, nearly: null }
        const count = most - taken - 1
        if (count <= most / 5 && budget !== 'requestsPerSecond' && (nearly === null || count < nearly.count))
          nearly = { budget, count }
      }
    }
    return { spent: null, nearly }
  }

  /** `allowed` when there is a yes. */
  #ask(
    lease: Lease,
    intent: Question,
    now: number,
    { holders, limits }: { readonly holders: readonly Held[]; readonly limits: Commit['limits'] },
  ): Committed {
    const { digest, proposedId: id, question, askMs, useMs, subject } = intent
    const { agent } = lease
    const no = this.#noes.get(`${agent} ${subject}`)
    if (no !== undefined && now < no.until)
      return { kind: 'rejected', approval: no.id, why: this.#approvals.get(no.id)?.why ?? '' }
    const list = this.#listOf(lease.id, intent, now)
    if (list !== null) return { kind: 'allowed', approval: list.id }
    const open = this.#approvals.get(this.#open.get(`${lease.id} ${digest}`) ?? '')
    if (open !== undefined && now < open.endsAt) {
      if (open.state === 'approved') return { kind: 'allowed', approval: open.id }
      if (open.state === 'pending') return pending(open.id, open.again, open.signed.split(' ').filter(Boolean).length)
      if (open.state === 'rejected') return { kind: 'rejected', approval: open.id, why: open.why }
    }
    if (question.length > LIMITS.questionBytes) return { kind: 'question-too-large' }
    const spent = holders.some(({ taken }, index) => (taken.questions ?? 0) >= (limits[index]?.questions ?? Infinity))
    if (spent) return { kind: 'budget-spent', budget: 'questions' }
    const waiting = [...this.#approvals.values()].filter(one => one.state === 'pending' && now < one.endsAt)
    const tooMany = (limit: 'lease' | 'agent' | 'minute') => ({ kind: 'too-many-questions', limit }) as const
    if (waiting.filter(one => one.lease === lease.id).length >= LIMITS.questionsOfLease) return tooMany('lease')
    if (waiting.filter(one => one.agent === agent).length >= LIMITS.questionsOfAgent) return tooMany('agent')
    if (!this.#counted(`asks ${agent}`, now, LIMITS.questionsPerMinute)) return tooMany('minute')
    const asked = { id, lease: lease.id, agent, digest, question: JSON.parse(question), askedAt: now, useMs, intent }
    const again = this.#again(intent, agent, now)
    const fresh = { state: 'pending', endsAt: now + askMs, decidedBy: '', why: '', signed: '', again } as const
    this.#approvals.set(id, { ...asked, ...fresh, questionSha256: sha256(question) })
    this.#open.set(`${lease.id} ${digest}`, id)
    for (const { taken } of holders) taken.questions = (taken.questions ?? 0) + 1
    this.#about.set(`${agent} ${intent.about}`, { id, until: now + askMs + KEEP_ASKED_MS })
    return pending(id, again, 0)
  }

  /** Why the answer to the last question about the same does not hold. */
  #again({ about, parts }: Question, agent: string, now: number): Again | null {
    const { id: before = '', until = 0 } = this.#about.get(`${agent} ${about}`) ?? {}
    const last = this.#approvals.get(before)
    if (last === undefined || now >= until || last.state === 'rejected') return null
    const moved = PARTS.filter(part => parts[part] !== last.intent.parts[part])
    if (last.state === 'pending' && (now >= last.endsAt || !(moved.includes('policy') || moved.includes('lease'))))
      return null
    if (last.state === 'used') return moved.length > 0 ? null : { before, why: ['used'] }
    return { before, why: moved.length === 0 ? ['expired'] : moved }
  }

  #use(lease: string, intent: Question, request: string, now: number): string | null {
    const list = this.#listOf(lease, intent, now)
    const approval = list ?? this.#approvals.get(this.#open.get(`${lease} ${intent.digest}`) ?? '')
    if (approval === undefined) return null
    const { times, page: before, by: first } = this.#uses.get(approval.id) ?? { times: 0, page: null, by: '' }
    const page = intent.series?.kind === 'pages' ? (intent.series.page ?? before) : null
    const by = intent.series?.kind === 'tries' ? request : first
    this.#uses.set(approval.id, { times: times + 1, page, by })
    if (list !== null) return list.id
    this.#approvals.set(approval.id, { ...approval, state: 'used' })
    this.#open.delete(`${lease} ${intent.digest}`)
    if (intent.series?.kind === 'pages') this.#lists.set(`${lease} ${intent.digest}`, approval.id)
    return approval.id
  }

  /** The used yes that another page of a list may come under. */
  #listOf(lease: string, { digest, series }: Question, now: number): Asked | null {
    const list = this.#approvals.get(this.#lists.get(`${lease} ${digest}`) ?? '')
    if (series?.kind !== 'pages' || series.page === null || list?.state !== 'used' || now >= list.endsAt) return null
    const { times = 0, page: last = null } = this.#uses.get(list.id) ?? {}
    const goesOn = last === null || (last.version === series.page.version && last.start <= series.page.start)
    return goesOn && times < MOST_OF_SERIES ? list : null
  }

  #giveBack({ approval, request, now }: Used): boolean {
    const asked = this.#approvals.get(approval)
    const use = this.#uses.get(approval)
    if (asked?.state !== 'used' || use?.by !== request || now >= asked.endsAt || use.times >= MOST_OF_SERIES)
      return false
    const open = `${asked.lease} ${asked.digest}`
    const meanwhile = this.#approvals.get(this.#open.get(open) ?? '')
    if (meanwhile !== undefined && now < meanwhile.endsAt) return false
    this.#open.set(open, approval)
    this.#uses.set(approval, { ...use, by: '' })
    this.#approvals.set(approval, { ...asked, state: 'approved' })
    return true
  }

  #approval(id: string, now: number): Approval | null {
    const asked = this.#approvals.get(id)
    if (asked === undefined) return null
    const { intent: _, ...approval } = asked
    const open = approval.state === 'pending' || approval.state === 'approved'
    const over = now >= approval.endsAt || this.#state(approval.lease, now).kind !== 'active'
    return open && over ? { ...approval, state: 'expired' } : approval
  }

  #answer({ id, by, verdict, why, proof, before, endsAt: signedEnd, now, event }: Answer): Answered {
    const asked = this.#approvals.get(id)
    if (asked === undefined) return { kind: 'unknown' }
    if (asked.state === 'approved' && now >= asked.endsAt) return { kind: 'closed', state: 'expired' }
    const isWithdrawn = asked.state === 'approved' && verdict === 'rejected'
    if (asked.state !== 'pending' && !isWithdrawn) return { kind: 'closed', state: asked.state }
    if (this.#approval(id, now)?.state === 'expired') return { kind: 'closed', state: 'expired' }
    if (verdict !== 'rejected' && asked.signed !== before) return { kind: 'moved' }
    const leaseEnd = this.#leases.get(asked.lease)?.lease.expiresAt ?? 0
    const endsAt = verdict === 'approved' ? Math.min(signedEnd, leaseEnd) : now + asked.intent.askMs
    if (verdict === 'rejected') this.#noes.set(`${asked.agent} ${asked.intent.subject}`, { id, until: endsAt })
    const settled = verdict === 'pending' ? {} : { state: verdict, decidedBy: by, why, endsAt }
    this.#approvals.set(id, { ...asked, ...settled, signed: proof })
    this.journal.push(event)
    const approval = this.#approval(id, now)
    return approval === null ? { kind: 'unknown' } : { kind: 'answered', approval }
  }
}

type Taking = Exclude<Commit['intent'], { readonly kind: 'deny' }>

/** By the clock of the machine, which the store goes by as well. */
const thisSecond = (): number => Math.floor(Date.now() / 1000)

/** Null where the request adds nothing to it. */
function takenSoFar({ taken, touched, paced }: Held, budget: Budget, object: string | undefined): number | null {
  if (budget === 'requestsPerSecond') return paced.second === thisSecond() ? paced.requests : 0
  if (budget !== 'objects' || object === undefined) return taken[budget] ?? 0
  if (object === '*') return Number.POSITIVE_INFINITY
  return touched.has(object) ? null : touched.size
}

function takeOf(held: Held, { take, object }: Taking, limits: Budgets): void {
  for (const budget of take) {
    if (budget === 'requestsPerSecond')
      held.paced = { second: thisSecond(), requests: (takenSoFar(held, budget, object) ?? 0) + 1 }
    else if (budget !== 'objects') held.taken[budget] = (held.taken[budget] ?? 0) + 1
    else if (object !== undefined && limits.objects !== undefined && !held.touched.has(object)) {
      held.touched.add(object)
      held.taken.objects = held.touched.size
    }
  }
}

function pending(approval: string, again: Again | null, said: number): Committed {
  return { kind: 'pending', approval, ...(again === null ? {} : { again }), ...(said === 0 ? {} : { said }) }
}

function isPending({ state }: Approval): boolean {
  return state === 'pending'
}

function pageOf<T>(all: readonly T[], idOf: (one: T) => string, { after, limit }: Omit<PageOf, 'agent'>): Page<T> {
  const sorted = all.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)).filter(one => idOf(one) > after)
  const items = sorted.slice(0, limit)
  const last = items.at(-1)
  return { items, next: sorted.length > limit && last !== undefined ? idOf(last) : null }
}
