import { createHash } from 'node:crypto'
import type { VerifyKeys } from '../identity/keys/keys.ts'
import { openAnswer, type SignedAnswer } from '../identity/signed/answer.ts'
import type { Asked, VerifyAnswer } from '../lease/lease-store.ts'
import { isOne, MOST_PEOPLE } from '../lease/questions/quorum.ts'
import { counted, type Electorate } from './people/counted.ts'

interface Verifying {
  /** Asked each time, so that keys can be changed while the process runs. */
  readonly keys: () => VerifyKeys
  /** How long a yes can be used, milliseconds, whatever it says itself. */
  readonly useMs: number
  /** How long the first of several may wait for the last; nothing unless it is said. */
  readonly askMs?: number
  /** Whether somebody of this name may answer now: an edit of the policy can take back who said yes. */
  readonly isApprover: (name: string) => boolean
  /** Who the people and groups of the moment are, where more is wanted than any one approver. */
  readonly electorate?: () => Electorate
}

const NOBODY: Electorate = { people: [], groups: [] }

/**
 * A yes counts when the broker signed it, in the name of somebody who may still say it, for this approval, lease, agent and digest, and for the very question that would be
 * asked now: whoever can write to the store could else show an approver another one. Of several, each by itself, and together as many people as
 * the policy wants: how many is asked here, never read.
 */
export function answerVerifier(verifying: Verifying): VerifyAnswer {
  const { keys, useMs, askMs = 0, isApprover, electorate = () => NOBODY } = verifying
  return async (text, asked, now) => {
    const texts = text.split(' ', MOST_PEOPLE + 1)
    if (texts.length > MOST_PEOPLE) return null
    const answers = await Promise.all(texts.map(one => openAnswer(one, keys())))
    const yeses = answers
      .filter((answer): answer is SignedAnswer => answer !== null && isYesTo(answer, asked) && isApprover(answer.by))
      .toSorted((one, other) => one.at - other.at)
    const { quorum } = asked
    const good = isOne(quorum) ? yeses : counted(yeses, quorum, electorate())
    const [first, last] = [good.at(0), good.at(-1)]
    if (first === undefined || last === undefined || good.length < quorum.people) return null
    if (isLasting(first, asked)) return now < first.endsAt ? { until: first.endsAt, bound: '', isLasting: true } : null
    const until = Math.min(...good.map(({ endsAt }) => endsAt), last.at + useMs, first.at + askMs + useMs)
    return now < until ? { until, bound: last.bound ?? '' } : null
  }
}

function isYesTo(answer: SignedAnswer, asked: Asked): boolean {
  const { approval, lease, agent, digest, question } = asked
  const isOfThem = answer.approval === approval && answer.lease === lease && answer.agent === agent
  if (answer.verdict !== 'approved' || !isOfThem) return false
  return isLasting(answer, asked) || (answer.digest === digest && answer.question === sha256(question))
}

/** Said by one person to the verb on the object, of which the policy of the moment says that it may be. */
function isLasting(answer: SignedAnswer, { lasting = null, quorum }: Asked): boolean {
  return lasting !== null && isOne(quorum) && answer.lasting === lasting
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
