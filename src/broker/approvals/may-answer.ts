import type { Approval } from '../../approval/approval.ts'
import type { Principal } from '../../identity/caller.ts'

export type MayAnswer =
  | { readonly kind: 'yes'; readonly by: string }
  | { readonly kind: 'no'; readonly message: string }

/** An approver answers, and never somebody who asked: not the agent, not the human on whose behalf it acts. */
export function mayAnswer(principal: Principal, { question }: Approval): MayAnswer {
  if (principal.kind === 'agent') return { kind: 'no', message: 'agents do not answer approvals' }
  if (!principal.roles.includes('approver')) return { kind: 'no', message: `${principal.name} is not an approver` }
  if (isSponsor(principal, question.sponsor)) {
    return { kind: 'no', message: 'you are the sponsor of this request; somebody else has to answer it' }
  }
  return { kind: 'yes', by: principal.name }
}

/** Claims by which issuers name a person. */
const NAMES = ['email', 'preferred_username', 'upn']

/** The sponsor may be written down by any name the person goes by, in any case. */
function isSponsor({ name, identity }: Extract<Principal, { readonly kind: 'person' }>, sponsor: string): boolean {
  if (sponsor === '') return false
  const names = [name, identity.subject, ...NAMES.map(claim => identity.claims[claim])]
  return names.some(one => typeof one === 'string' && fold(one) === fold(sponsor))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
