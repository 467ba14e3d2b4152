import { createHash } from 'node:crypto'
import { openAnswer } from '../identity/token/answer.ts'
import type { VerifyKeys } from '../identity/token/keys.ts'
import type { VerifyAnswer } from '../lease/lease-store.ts'

interface Verifying {
  /** Asked each time, so that keys can be changed while the process runs. */
  readonly keys: () => VerifyKeys
  /** How long a yes can be used, milliseconds, whatever it says itself. */
  readonly useMs: number
  /** Whether somebody of this name may answer now: an edit of the policy can take back who said yes. */
  readonly isApprover: (name: string) => boolean
}

/**
 * A yes counts when the broker signed it, in the name of somebody who may still say it, for this approval, lease, agent and digest, and for the very question that would be
 * asked now: whoever can write to the store could else show an approver another one.
 */
export function answerVerifier({ keys, useMs, isApprover }: Verifying): VerifyAnswer {
  return async (text, { approval, lease, agent, digest, question }, now) => {
    const answer = await openAnswer(text, keys())
    if (answer === null || answer.verdict !== 'approved') return null
    const isTheSame =
      answer.approval === approval && answer.lease === lease && answer.agent === agent && answer.digest === digest
    if (!isTheSame || answer.question !== sha256(question) || !isApprover(answer.by)) return null
    const until = Math.min(answer.endsAt, answer.at + useMs)
    return now < until ? { until, bound: answer.bound ?? '' } : null
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
