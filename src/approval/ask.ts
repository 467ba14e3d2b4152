import type { Lease } from '../lease/lease.ts'
import type { Parts } from '../lease/questions/again.ts'
import { isOne, type Quorum } from '../lease/questions/quorum.ts'
import type { Series } from '../lease/questions/series.ts'
import type { Risk } from '../policy/judge/verdict.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { asAsked } from './canonical/as-asked.ts'
import { canonicalRequest } from './canonical/canonical-request.ts'
import { digestOf, lastingOf, partsOf } from './digest.ts'
import { toQuestion } from './question/to-question.ts'
import { aboutOf, subjectOf } from './subject.ts'

/** What an approver is asked, and what the answer is bound to. */
export interface Ask {
  readonly kind: 'ask'
  /** Of the exact request: a yes. */
  readonly digest: string
  /** Of what it comes down to: a no. */
  readonly subject: string
  readonly about: string
  readonly parts: Parts
  readonly quorum: Quorum
  /** What else the yes is for. */
  readonly series: Series | null
  /** Of the verb on the object under this lease, hex, where a yes may be for that; null where it may not. */
  readonly lasting: string | null
  /** JSON of the question; the same request always has the same text. */
  readonly question: string
}

/** `why` completes a sentence, in our own words and names of parameters. */
export interface CannotBeAsked {
  readonly kind: 'cannot-be-asked'
  readonly why: string
}

interface Wanted {
  readonly request: ApiRequest
  readonly body: Uint8Array
  readonly lease: Lease
  /** What it was narrowed from, root first; null: cannot be read. */
  readonly above?: readonly (Lease | null)[]
  /** Of all that the policy says to the lease, whatever is asked: of a yes that lasts. */
  readonly policyRevision: string
  /** Of what it says to this request; asked once the question is written. */
  readonly judgement: () => string
  readonly risk: Risk
  /** All risks that ask, where that one is not alone. */
  readonly asks?: readonly Risk[]
  readonly quorum: Quorum
  /** Budgets that have nothing left for it. */
  readonly beyond?: readonly string[]
  /** Where a yes may last as long as the lease, the risks of which it is said. */
  readonly untilLeaseEnds?: string
  /** Takes credentials out of what bodies say. */
  readonly mask: (text: string) => string
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/

/** Makes the question of a request that wants a human's yes, or says why no human could answer it. */
export function ask(sent: Wanted): Ask | CannotBeAsked {
  const wanted = { ...sent, ...asAsked(sent.request, sent.body) }
  const { request, body, lease, quorum, beyond = [] } = wanted
  const canonical = canonicalRequest(request, body.length)
  if (canonical.kind === 'unknown-parameter') {
    const { name, known } = canonical
    const which = NAME.test(name) ? ` "${name}"` : ''
    return cannot(`the query parameter${which} has no meaning here; known are ${known.join(', ')}`)
  }
  // Of several people each says yes to one request.
  const mayLast = wanted.untilLeaseEnds !== undefined && isOne(quorum)
  const asked = toQuestion({ ...wanted, canonical, untilLeaseEnds: mayLast })
  if (asked.kind === 'cannot-be-shown') return cannot(asked.why)
  const judgement = wanted.judgement()
  const parts = partsOf({ canonical, body, lease: lease.id, judgement, quorum, beyond, untilLeaseEnds: mayLast })
  // What was said while something was left of the budget is not about this.
  const about = aboutOf(request, beyond)
  return {
    kind: 'ask',
    digest: digestOf(parts),
    parts,
    quorum,
    // What is beyond a budget is one request.
    series: beyond.length === 0 ? canonical.series : null,
    about,
    lasting: mayLast ? lastingOf({ ...wanted, lease: lease.id, about, risks: wanted.untilLeaseEnds ?? '' }) : null,
    subject: subjectOf(request, body),
    question: JSON.stringify(asked.question),
  }
}

function cannot(why: string): CannotBeAsked {
  return { kind: 'cannot-be-asked', why }
}
