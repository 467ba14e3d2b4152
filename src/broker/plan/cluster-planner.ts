import type { Approval } from '../../approval/approval.ts'
import type { Made } from '../../approval/plan/draft.ts'
import { makePlan, type NotMade } from '../../approval/plan/make-plan.ts'
import { PLAN, type Plan, type Planned } from '../../approval/plan/plan.ts'
import { sha256 } from '../../approval/verify-answer.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { within } from '../../support/time/within.ts'
import { Gate } from './gate.ts'
import type { Bound, Planner } from './planner.ts'
import type { PlanningParts } from './planning-parts.ts'
import { readSent } from './read-sent.ts'

/** All calls of one plan together, and its turn: somebody may be waiting for the page. */
const WITHIN_MS = 8000

type Found = Made | NotMade

/** Makes plans by looking into a cluster, keeps them signed beside their questions, and looks again before a yes. */
export class ClusterPlanner implements Planner {
  readonly #parts: PlanningParts
  readonly #gate = new Gate()
  /** By approval, what is being found out. */
  readonly #running = new Map<string, Promise<Found>>()

  constructor(parts: PlanningParts) {
    this.#parts = parts
  }

  async plan(id: string): Promise<void> {
    const approval = await this.#parts.approvals.find(id, this.#parts.clock()).catch(() => null)
    if (approval?.state === 'pending') await this.#found(approval).catch(() => undefined)
  }

  async of(approval: Approval): Promise<Planned> {
    const found = await this.#found(approval)
    return found.kind === 'made' ? { kind: 'plan', plan: found.plan } : found
  }

  async bind(approval: Approval, seenAt: number | null): Promise<Bound> {
    const before = await this.#found(approval)
    if (before.kind === 'none') {
      return seenAt === null ? { kind: 'bound', bound: '' } : { kind: 'moved', why: 'the plan that was shown is gone' }
    }
    if (seenAt !== null && seenAt !== before.plan.madeAt) {
      return { kind: 'moved', why: 'another plan was made of it since' }
    }
    const now = await this.#make(approval, before.state)
    // Where it has words for that, the API server still compares what is there with what the approver saw, not what would become of it.
    if (now.kind === 'none') {
      const why = before.plan.refusal ?? (before.bound === '' ? now.problem : '')
      return why === '' ? toBound(before) : { kind: 'moved', why }
    }
    if (now.plan.refusal !== undefined) return { kind: 'moved', why: now.plan.refusal }
    if (now.state === before.state) return toBound(now)
    return { kind: 'moved', why: `${HAS_CHANGED}${whichDiffer(before.plan, now.plan)}` }
  }

  async refusal(approval: Approval): Promise<string> {
    const known = await this.#known(approval)
    return known?.kind === 'made' ? (known.plan.refusal ?? '') : ''
  }

  /** What was found out before, or now, where nobody did. */
  async #found(approval: Approval): Promise<Found> {
    const known = await this.#known(approval)
    if (known !== null) return known
    if (approval.state !== 'pending') return none('none was made while it was open')
    const running = this.#running.get(approval.id) ?? this.#make(approval)
    this.#running.set(approval.id, running)
    return running.finally(() => this.#running.delete(approval.id))
  }

  async #known({ id, digest }: Approval): Promise<Found | null> {
    const { store, signer } = this.#parts
    const text = await store.plan(id).catch(() => null)
    const signed = text === null ? null : await signer.openPlan(text)
    if (signed === null || signed.approval !== id || signed.digest !== digest) return null
    const plan = PLAN.safeParse(signed.plan)
    return plan.success ? { kind: 'made', plan: plan.data, bound: signed.bound, state: signed.state } : null
  }

  /** Kept where it says something else than before: the plan that was seen stays the one that is answered. */
  async #make(approval: Approval, before: string | null = null): Promise<Found> {
    const { log } = this.#parts
    const looking = this.#gate.pass(() => within(WITHIN_MS, this.#look(approval)))
    const found = await within(WITHIN_MS, looking).catch(err => {
      log.warn({ approval: approval.id, err }, 'no plan could be made')
      return none('the API server could not be asked in time')
    })
    if (found === 'busy') return none('too many plans are being made at the moment')
    if (found.kind !== 'made' || found.state === before) return found
    const isKept = await this.#keep(approval, found, before === null ? 'first' : 'instead').catch(err => {
      log.warn({ approval: approval.id, err }, 'a plan could not be kept')
      return true
    })
    return isKept ? found : ((await this.#known(approval)) ?? found)
  }

  async #look(approval: Approval): Promise<Found> {
    const { view, sessions, clock, policy } = this.#parts
    const read = await readSent(approval, this.#parts)
    if (read.kind === 'none') return read
    const mask = (text: string) => maskText(text, policy().mask)
    return makePlan({ ...read, view, sessions, now: clock(), mask })
  }

  async #keep({ id, digest }: Approval, made: Made, how: 'first' | 'instead'): Promise<boolean> {
    const { store, signer } = this.#parts
    const { plan, bound, state } = made
    return store.keepPlan(id, await signer.sealPlan({ approval: id, digest, plan, bound, state }), how)
  }
}

const HAS_CHANGED = 'what is there, or what would become of it, has changed since the plan was made'
/** So many fields are named. */
const MOST_NAMED = 5

/** Fields that two plans of one request show otherwise: where it is the same each time, it is something in the cluster that sets them anew. */
function whichDiffer(before: Plan, now: Plan): string {
  const [old, young] = [before, now].map(({ changes }) => new Map(changes.map(one => [one.path, JSON.stringify(one)])))
  const paths = [...new Set([...(old?.keys() ?? []), ...(young?.keys() ?? [])])]
  const differ = paths.filter(path => old?.get(path) !== young?.get(path)).slice(0, MOST_NAMED)
  return differ.length === 0 ? '' : ` (${differ.join(', ')})`
}

function toBound({ bound, state, plan }: Made): Bound {
  return { kind: 'bound', bound, seen: sha256(state), changes: plan.changes }
}

function none(problem: string): NotMade {
  return { kind: 'none', problem }
}
