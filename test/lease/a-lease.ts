import type { Answer } from '../../src/approval/approval.ts'
import type { Question } from '../../src/approval/question/question.ts'
import type { Budgets, Lease } from '../../src/lease/lease.ts'
import { newChildLeaseId, newLeaseId } from '../../src/lease/lease-id.ts'
import type { Commit, NewLease, Revocation } from '../../src/lease/lease-store.ts'
import { ONE } from '../../src/lease/questions/quorum.ts'
import { NO_TERMS } from '../../src/lease/scope/terms.ts'
import { PARTITIONS } from '../../src/redis/keys.ts'
import { plainAnswer } from '../support/wire/plain-answer.ts'

let requests = 0

/** Of every lease that a test made. */
const BUDGETS_OF = new Map<string, Budgets>()

export function aLease(given: Partial<Lease> = {}): Lease {
  const { agent = 'deployer', ancestors = [] } = given
  const parent = ancestors.at(-1)
  const issuedAt = given.issuedAt ?? Date.now()
  const lease = {
    id: parent === undefined ? newLeaseId(agent, PARTITIONS) : newChildLeaseId(parent),
    agent,
    sponsor: 'ada@example.org',
    task: { name: 'restart', reason: 'it hangs', ticket: '' },
    template: 'restart-web',
    scope: [],
    namespaces: ['shop'],
    budgets: {},
    terms: NO_TERMS,
    issuedAt,
    expiresAt: issuedAt + 60_000,
    policyRevision: 'r1',
    ancestors,
    ...given,
  }
  BUDGETS_OF.set(lease.id, lease.budgets)
  return lease
}

export function creating(lease: Lease, given: Partial<NewLease> = {}): NewLease {
  return { lease, contract: `contract of ${lease.id}`, limit: 1000, event: '{"kind":"lease"}', ...given }
}

export function revoking(lease: Lease, given: Partial<Revocation> = {}): Revocation {
  return {
    id: lease.id,
    by: 'root@example.org',
    reason: 'enough',
    now: Date.now(),
    event: '{"kind":"lease"}',
    ...given,
  }
}

export function committing(lease: Lease, given: Partial<Commit> = {}): Commit {
  return {
    id: `request-${requests++}`,
    lease,
    limits: [lease, ...lease.ancestors.map(id => ({ budgets: BUDGETS_OF.get(id) ?? {} }))].map(
      ({ budgets }) => budgets,
    ),
    now: Date.now(),
    intent: { kind: 'allow', take: [] },
    risky: false,
    entry: '{"kind":"decision"}',
    ...given,
  }
}

export function aQuestion(lease: Lease): Question {
  return {
    summary: 'delete pods "web-0" in shop',
    facts: [],
    method: 'DELETE',
    target: '/api/v1/namespaces/shop/pods/web-0',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    bodyCut: '',
    risk: 'delete',
    tier: 'high',
    why: 'deletes something',
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: lease.task.reason,
    lease: lease.id,
  }
}

export function answering(id: string, verdict: 'approved' | 'rejected', now = Date.now()): Answer {
  const endsAt = now + 10_000
  const proof = plainAnswer(id, endsAt)
  return { id, by: 'grace@example.org', verdict, why: '', proof, before: '', endsAt, now, event: '{"kind":"approval"}' }
}

export function asking(lease: Lease, digest: string, proposedId: string, given: Partial<Commit> = {}): Commit {
  const intent = {
    kind: 'approval',
    take: [],
    digest,
    subject: digest,
    about: digest,
    quorum: ONE,
    series: null,
    parts: { policy: 'p', lease: lease.id, line: digest, body: 'b' },
    proposedId,
    question: JSON.stringify(aQuestion(lease)),
    askMs: 30_000,
    useMs: 10_000,
  } as const
  return committing(lease, { intent, ...given })
}
