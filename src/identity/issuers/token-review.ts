import { z } from 'zod'
import { askCluster, type InCluster } from './cluster-keys.ts'

/** What the API server says to a token: 'other' where it is one, and not for whom it was shown or whose it says it is. */
export type Reviewed = 'held' | 'refused' | 'other'

export interface ToReview {
  readonly token: string
  readonly audience: string
  /** As the token says it. */
  readonly subject: string
}

/** Nobody knows what the API server says. */
export class TokenReviewError extends Error {
  readonly code = 'token-review-failed'
}

/** TokenReview of authentication.k8s.io/v1, as far as it is read. */
const REVIEW = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    user: z.object({ username: z.string().default('') }).default({ username: '' }),
    audiences: z.array(z.string()).default([]),
  }),
})

/** So many are asked at once: whoever has a token could ask without end, and it is everybody's API server. */
const MOST_AT_ONCE = 32
/** Of one subject: where the API server is slow, none takes all of the places. */
const MOST_OF_ONE = 8
/** Subjects that are asked about, each as often as it is. */
const asking: string[] = []

/**
 * Asks the API server of this cluster whether the token still holds: its signature does until its end, also where its pod, its service account
 * or the node of it is gone. Nothing of what it said is kept. Rejects with TokenReviewError.
 */
export async function reviewToken({ token, audience, subject }: ToReview, where?: InCluster): Promise<Reviewed> {
  if (asking.length >= MOST_AT_ONCE)
    throw new TokenReviewError(`${MOST_AT_ONCE} reviews of tokens wait for the API server`)
  if (asking.filter(one => one === subject).length >= MOST_OF_ONE)
    throw new TokenReviewError(`${MOST_OF_ONE} reviews of tokens of ${subject} wait for the API server`)
  asking.push(subject)
  try {
    const spec = { token, audiences: [audience] }
    const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec })
    const asked = { method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body } as const
    const { status, text } = await askCluster(asked, where)
    if (status !== 201) throw new TokenReviewError(whyNot(status))
    const { authenticated, user, audiences } = REVIEW.parse(JSON.parse(text)).status
    if (!authenticated) return 'refused'
    return user.username === subject && audiences.includes(audience) ? 'held' : 'other'
  } catch (cause) {
    if (cause instanceof TokenReviewError) throw cause
    throw new TokenReviewError('the API server cannot be asked to review a token', { cause })
  } finally {
    asking.splice(asking.indexOf(subject), 1)
  }
}

function whyNot(status: number): string {
  return status === 403
    ? 'this account may not ask the API server to review tokens (create tokenreviews; in the chart broker.tokenReview)'
    : `the API server answered a review of a token with status ${status}`
}
