import type { Approval } from '../../approval/approval.ts'
import type { Plan } from '../../approval/plan/plan.ts'
import type { MaskRules, Policy } from '../../policy/policy.ts'
import { maskCommand } from '../../record/mask/mask.ts'
import type { Notice } from './notifier.ts'

const MOST_CHANGES = 8

export interface Wording {
  readonly policy: () => Pick<Policy, 'mask'>
  /** Where browsers reach the console, null: there is none. */
  readonly origin: string | null
}

export interface Known {
  readonly yeses: readonly string[]
  readonly plan: Plan | null
}

export function toNotice(
  { id: approval, agent, question, askedAt, endsAt, state, decidedBy: by }: Approval,
  message: Pick<Notice, 'id' | 'stage'>,
  { yeses, plan }: Known,
  { policy, origin }: Wording,
): Notice {
  const { mask } = policy()
  const { sponsor, risk, tier, why, quorum } = question
  const verdict = state === 'rejected' ? 'rejected' : 'approved'
  return {
    ...message,
    approval,
    agent,
    sponsor,
    summary: masked(question.summary, mask),
    risk,
    tier,
    why,
    plan: plan === null ? [] : planLines(plan).map(line => masked(line, mask)),
    askedAt,
    endsAt,
    wanted: quorum?.people ?? 1,
    yeses,
    answer: message.stage === 'answered' ? { verdict, by } : null,
    url: origin === null ? null : `${origin}/console/approvals/${approval}`,
  }
}

/** What is met and which fields change: what they hold is for the console to show. */
function planLines({ summary, changes, counts, notes, cut }: Plan): readonly string[] {
  const more = changes.length - MOST_CHANGES
  return [
    summary,
    ...changes.slice(0, MOST_CHANGES).map(({ kind, path }) => `${SIGNS[kind]} ${path}`),
    ...(more > 0 ? [`and ${more} more fields`] : []),
    ...(counts.length === 0 ? [] : [`meets ${counts.map(({ kind, count }) => `${count} ${kind}`).join(', ')}`]),
    ...notes.map(note => `! ${note}`),
    ...cut.map(({ what, missing }) => `and ${missing} more ${what}`),
  ]
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

function masked(text: string, rules: MaskRules): string {
  const [line = ''] = maskCommand([text], rules)
  return line
}
