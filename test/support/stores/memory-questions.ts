import type { Answer, Answered, Approval, ApprovalStore, Withdrawal } from '../../../src/approval/approval.ts'
import { sha256 } from '../../../src/approval/verify-answer.ts'
import type { Committed } from '../../../src/lease/committed.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Commit, Used } from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { type Again, PARTS } from '../../../src/lease/questions/again.ts'
import { MOST_OF_SERIES, type Page as PageOfList } from '../../../src/lease/questions/series.ts'
import { KEEP_ASKED_MS } from '../../../src/redis/keys.ts'
import { type Held, type MemoryLeases, pageOf } from './memory-leases.ts'

export type Question = Extract<Commit['intent'], { readonly kind: 'approval' }>
type Asked = Approval & { readonly intent: Question }

/** Questions that followed a no. */
interface Tries {
  readonly id: string
  readonly times: number
  readonly until: number
}

/** What agents asked of `MemoryStores`, and what people answered. */
export class MemoryQuestions {
  readonly #approvals = new Map<string, Asked>()
  readonly #open = new Map<string, string>()
  /** By agent and what was asked about. */
  readonly #about = new Map<string, { readonly id: string; readonly until: number }>()
  /** By the same, how often a no that holds was followed by another question. */
  readonly #tries = new Map<string, Tries>()
  /** By lease and digest, the yes that a list was begun with; by approval, how it was used. */
  readonly #lists = new Map<string, string>()
  readonly #uses = new Map<string, { readonly times: number; readonly page: PageOfList | null; readonly by: string }>()
  /** By agent and subject. */
  readonly #noes = new Map<string, { readonly id: string; readonly until: number }>()
  readonly #leases: MemoryLeases
  readonly #journal: string[]

  constructor(leases: MemoryLeases, journal: string[]) {
    this.#leases = leases
    this.#journal = journal
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
    withdraw: async withdrawal => this.#withdraw(withdrawal),
  }

  /** What this request could come under: a yes, or the list that one was begun for. */
  usable(lease: string, intent: Question, now: number): Approval | undefined {
    const list = this.#listOf(lease, intent, now)
    const open = list ?? this.#approvals.get(this.#open.get(`${lease} ${intent.digest}`) ?? '')
    return open === undefined || (list === null && open.state !== 'approved') ? undefined : open
  }

  /** `allowed` when there is a yes. */
  ask(
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
    const key = `${agent} ${intent.about}`
    const before = this.#noBefore(key, now)
    if (before !== null && before.times >= 2)
      return { kind: 'rejected', approval: before.id, why: this.#approvals.get(before.id)?.why ?? '' }
    const spent = holders.some(({ taken }, index) => (taken.questions ?? 0) >= (limits[index]?.questions ?? Infinity))
    if (spent) return { kind: 'budget-spent', budget: 'questions' }
    const waiting = [...this.#approvals.values()].filter(one => isWaiting(one) && now < one.endsAt)
    const tooMany = (limit: 'lease' | 'agent' | 'minute') => ({ kind: 'too-many-questions', limit }) as const
    if (waiting.filter(one => one.lease === lease.id).length >= LIMITS.questionsOfLease) return tooMany('lease')
    if (waiting.filter(one => one.agent === agent).length >= LIMITS.questionsOfAgent) return tooMany('agent')
    if (!this.#leases.counted(`asks ${agent}`, now, LIMITS.questionsPerMinute)) return tooMany('minute')
    const asked = { id, lease: lease.id, agent, digest, question: JSON.parse(question), askedAt: now, useMs, intent }
    const again = this.#again(intent, agent, now)
    const fresh = { state: 'pending', endsAt: now + askMs, decidedBy: '', why: '', signed: '', again } as const
    this.#approvals.set(id, { ...asked, ...fresh, questionSha256: sha256(question) })
    this.#open.set(`${lease.id} ${digest}`, id)
    for (const { taken } of holders) taken.questions = (taken.questions ?? 0) + 1
    this.#about.set(`${agent} ${intent.about}`, { id, until: now + askMs + KEEP_ASKED_MS })
    if (before !== null) this.#tries.set(key, { ...before, times: before.times + 1 })
    return pending(id, again, 0)
  }

  /** The no about the same that still holds, and how many other questions followed it. */
  #noBefore(key: string, now: number): Tries | null {
    const last = this.#approvals.get(this.#about.get(key)?.id ?? '')
    if (last?.state === 'approved' || last?.state === 'used') {
      this.#tries.delete(key)
      return null
    }
    const kept = this.#tries.get(key)
    const known = kept !== undefined && now < kept.until ? kept : null
    if (last?.state !== 'rejected' || now >= last.endsAt) return known
    return { id: last.id, times: known?.times ?? 0, until: last.endsAt }
  }

  /** Why the answer to the last question about the same does not hold. */
  #again({ about, parts }: Question, agent: string, now: number): Again | null {
    const { id: before = '', until = 0 } = this.#about.get(`${agent} ${about}`) ?? {}
    const last = this.#approvals.get(before)
    if (last?.state === 'rejected' && now < last.endsAt) return { before, why: ['refused'] }
    if (last === undefined || now >= until || last.state === 'rejected' || last.state === 'withdrawn') return null
    const moved = PARTS.filter(part => parts[part] !== last.intent.parts[part])
    if (last.state === 'pending' && (now >= last.endsAt || !(moved.includes('policy') || moved.includes('lease'))))
      return null
    if (last.state === 'used') return moved.length > 0 ? null : { before, why: ['used'] }
    return { before, why: moved.length === 0 ? ['expired'] : moved }
  }

  use(lease: string, intent: Question, request: string, now: number): string | null {
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

  giveBack({ approval, request, now }: Used): boolean {
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
    const over = now >= approval.endsAt || this.#leases.state(approval.lease, now).kind !== 'active'
    return open && over ? { ...approval, state: 'expired' } : approval
  }

  #answer({ id, by, verdict, why, proof, before, endsAt: signedEnd, now, event }: Answer): Answered {
    const asked = this.#approvals.get(id)
    if (asked === undefined) return { kind: 'unknown' }
    // A no, from a clock that is ahead, is in time as long as the store's own says so.
    const judgedAt = verdict === 'rejected' ? Math.min(now, Date.now()) : now
    if (asked.state === 'approved' && judgedAt >= asked.endsAt) return { kind: 'closed', state: 'expired' }
    const isWithdrawn = asked.state === 'approved' && verdict === 'rejected'
    if (asked.state !== 'pending' && !isWithdrawn) return { kind: 'closed', state: asked.state }
    if (this.#approval(id, judgedAt)?.state === 'expired') return { kind: 'closed', state: 'expired' }
    if (verdict !== 'rejected' && asked.signed !== before) return { kind: 'moved' }
    const leaseEnd = this.#leases.held(asked.lease)?.lease.expiresAt ?? 0
    const endsAt = verdict === 'approved' ? Math.min(signedEnd, leaseEnd) : now + asked.intent.askMs
    if (verdict === 'rejected') this.#noes.set(`${asked.agent} ${asked.intent.subject}`, { id, until: endsAt })
    const settled = verdict === 'pending' ? {} : { state: verdict, decidedBy: by, why, endsAt }
    this.#approvals.set(id, { ...asked, ...settled, signed: proof })
    this.#journal.push(event)
    const approval = this.#approval(id, now)
    return approval === null ? { kind: 'unknown' } : { kind: 'answered', approval }
  }

  #withdraw({ id, agent, why, now, event }: Withdrawal): Answered {
    const asked = this.#approvals.get(id)
    if (asked === undefined || asked.agent !== agent) return { kind: 'unknown' }
    const { state } = this.#approval(id, now) ?? asked
    if (state !== 'pending' && state !== 'approved') return { kind: 'closed', state }
    const withdrawn = { ...asked, state: 'withdrawn', decidedBy: agent, why, signed: '' } as const
    this.#approvals.set(id, withdrawn)
    this.#open.delete(`${asked.lease} ${asked.digest}`)
    this.#journal.push(event)
    const { intent: _, ...approval } = withdrawn
    return { kind: 'answered', approval }
  }
}

function pending(approval: string, again: Again | null, said: number): Committed {
  return { kind: 'pending', approval, ...(again === null ? {} : { again }), ...(said === 0 ? {} : { said }) }
}

/** What is taken back keeps its place. */
function isWaiting({ state }: Approval): boolean {
  return state === 'pending' || state === 'withdrawn'
}

function isPending({ state }: Approval): boolean {
  return state === 'pending'
}
