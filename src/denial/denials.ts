import type { DenyReason } from '../policy/judge/verdict.ts'

/** How a denial looks on the wire. */
type Denial = Wire & (AnotherLease | { readonly retry: Exclude<Retry, 'with-lease'> })

interface Wire {
  readonly status: number
  /** Kubernetes' StatusReason, which decides how kubectl prints the message. */
  readonly statusReason: string
  /** What happened, as a clause that `detail` completes. */
  readonly says: string
  /** Seconds. client-go waits so long and asks again by itself, ten times, without a word to anybody: only for what is soon over. */
  readonly retryAfter?: number
}

interface AnotherLease {
  readonly retry: 'with-lease'
  /** Of another template: which ones there are is looked for, and said. */
  readonly lease: 'of-another-template' | 'the-same-again'
}

/** When the same request may pass. What a program can go by; each is in docs/refusals.md. */
export type Retry = 'never' | 'with-credential' | 'with-lease' | 'after-approval' | 'later'

/**
 * Every reason has a status, or this does not compile. 401 only where a fresh credential can help: client-go drops its
 * credential and runs the exec plugin again.
 */
export const DENIALS = {
  'odd-method': {
    status: 405,
    statusReason: 'MethodNotAllowed',
    retry: 'never',
    says: 'this method is not used with Kubernetes',
  },
  'odd-path': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'the path could be read in more than one way',
  },
  'odd-query': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'the query could be read in more than one way',
  },
  'odd-upgrade': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'this upgrade is not one that Kubernetes serves here',
  },
  'too-long': {
    status: 414,
    statusReason: 'RequestURITooLong',
    retry: 'never',
    says: 'the line of the request is longer than the boundary reads',
  },
  'forbidden-header': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'the request carries a header that the boundary does not pass on',
  },
  'too-many-headers': {
    status: 431,
    statusReason: 'RequestHeaderFieldsTooLarge',
    retry: 'never',
    says: 'the request has more headers than the boundary can pass on',
  },
  'unexpected-body': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'this request must not carry a body',
  },
  'body-mismatch': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'the body and the line of the request do not agree',
  },
  'wrong-route': {
    status: 400,
    statusReason: 'BadRequest',
    retry: 'never',
    says: 'the request came in on a route for another kind of request',
  },
  'no-credential': {
    status: 401,
    statusReason: 'Unauthorized',
    retry: 'with-credential',
    says: 'no lease token was sent',
  },
  'bad-token': {
    status: 401,
    statusReason: 'Unauthorized',
    retry: 'with-credential',
    says: 'the token is not a valid lease token',
  },
  'identity-token': {
    status: 401,
    statusReason: 'Unauthorized',
    retry: 'with-credential',
    says: 'an identity token does not open the cluster, only a lease does',
  },
  'token-expired': {
    status: 401,
    statusReason: 'Unauthorized',
    retry: 'with-credential',
    says: 'the lease token has expired',
  },
  // As RFC 8705 has it; client-go fetches a new certificate and a token for it then.
  'other-certificate': {
    status: 401,
    statusReason: 'Unauthorized',
    retry: 'with-credential',
    says: 'the lease token is for another client certificate than this connection has',
  },
  'unknown-lease': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'the-same-again',
    says: 'the lease is not known',
  },
  'lease-expired': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'the-same-again',
    says: 'the lease has ended',
  },
  'lease-revoked': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'the-same-again',
    says: 'the lease was revoked',
  },
  'lease-frozen': { status: 403, statusReason: 'Forbidden', retry: 'later', says: 'the lease is frozen' },
  'not-in-policy': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'of-another-template',
    says: 'the policy no longer allows this task',
  },
  'outside-networks': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'never',
    says: 'leases of this task template are for other networks',
  },
  'out-of-scope': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'of-another-template',
    says: 'outside the scope of the lease',
  },
  dangerous: {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'of-another-template',
    says: 'this would lead around the boundary',
  },
  'too-risky': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'of-another-template',
    says: 'the task template lets nothing pass that is as risky',
  },
  // Always of an upgrade: see `denialOf` for why none is told to wait.
  'nobody-watches': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'later',
    says: 'nobody watches, and this session runs only while somebody does',
  },
  'approval-pending': {
    status: 429,
    statusReason: 'TooManyRequests',
    retry: 'after-approval',
    says: 'waits for approval',
    retryAfter: 3,
  },
  'cannot-be-asked': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'never',
    says: 'this wants a yes for which nobody can be asked',
  },
  'approval-rejected': { status: 403, statusReason: 'Forbidden', retry: 'never', says: 'an approver said no' },
  'too-many-questions': {
    status: 429,
    statusReason: 'TooManyRequests',
    retry: 'later',
    says: 'too many questions wait for approvers already',
  },
  'question-too-large': {
    status: 413,
    statusReason: 'RequestEntityTooLarge',
    retry: 'never',
    says: 'this is more than an approver can be shown',
  },
  'budget-spent': {
    status: 403,
    statusReason: 'Forbidden',
    retry: 'with-lease',
    lease: 'the-same-again',
    says: 'a budget of the lease is spent',
  },
  'too-fast': {
    status: 429,
    statusReason: 'TooManyRequests',
    retry: 'later',
    says: 'as many requests as the lease has in a second were let through in this one',
    retryAfter: 1,
  },
  'too-many-requests': {
    status: 429,
    statusReason: 'TooManyRequests',
    retry: 'later',
    says: 'this agent takes more of the boundary than its share at the moment',
    retryAfter: 2,
  },
  'journal-full': {
    status: 503,
    statusReason: 'ServiceUnavailable',
    retry: 'later',
    says: 'the record is not being written out, so nothing is let through',
    retryAfter: 5,
  },
  'store-unfit': {
    status: 503,
    statusReason: 'ServiceUnavailable',
    retry: 'later',
    says: 'the store is not one that leases can be kept in, so nothing is let through',
  },
  unavailable: {
    status: 503,
    statusReason: 'ServiceUnavailable',
    retry: 'later',
    says: 'the boundary could not decide in time',
    retryAfter: 1,
  },
} as const satisfies Record<DenyReason, Denial>

/** Of those: what another template may grant. */
export const MENDED_BY_A_LEASE: ReadonlySet<DenyReason> = new Set(
  (Object.keys(DENIALS) as DenyReason[]).filter(reason => {
    const denial: Denial = DENIALS[reason]
    return denial.retry === 'with-lease' && denial.lease === 'of-another-template'
  }),
)
