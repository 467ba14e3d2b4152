import { describe, expect, test } from 'vitest'
import { DENIALS } from '../../../src/authorizer/answer/denials.ts'
import { toAnswer } from '../../../src/authorizer/answer/to-answer.ts'
import type { Decision } from '../../../src/authorizer/decision.ts'
import type { DenyReason } from '../../../src/policy/verdict.ts'
import { aLease } from '../../lease/a-lease.ts'
import { aRequest } from '../../policy/a-request.ts'

const NOW = Date.parse('2026-09-01T10:00:00Z')
const lease = aLease({ issuedAt: NOW - 60_000, expiresAt: NOW + 540_000 })
const key = { auditId: 'a', decidedAt: NOW, agent: lease.agent, lease: lease.id }

function allowed(line: string, given: Partial<typeof lease> = {}): Decision {
  return { kind: 'allow', key, lease: { ...lease, ...given }, request: aRequest(line) }
}

function denied(given: Partial<Extract<Decision, { kind: 'deny' }>>): Extract<Decision, { kind: 'deny' }> {
  const request = aRequest('GET /api/v1/namespaces/shop/pods')
  return {
    kind: 'deny',
    key,
    reason: 'out-of-scope',
    detail: '',
    request,
    lease,
    approval: null,
    templates: [],
    ...given,
  }
}

describe('toAnswer', () => {
  test("an allow carries the lease's identity and nothing of the client's", () => {
    expect(toAnswer(allowed('GET /api/v1/namespaces/shop/pods'))).toMatchObject({
      kind: 'allow',
      identity: {
        user: `leasegate:${lease.agent}`,
        groups: ['leasegate:agents', `leasegate:task:${lease.template}`],
        extras: { 'leasegate.dev/lease': lease.id, 'leasegate.dev/sponsor': lease.sponsor },
      },
    })
  })

  test('no sponsor, no extra for one: Kubernetes refuses empty values', () => {
    const answer = toAnswer(allowed('GET /api/v1/namespaces/shop/pods', { sponsor: '' }))
    expect(answer.kind === 'allow' && Object.keys(answer.identity.extras)).not.toContain('leasegate.dev/sponsor')
  })

  test.each([
    { name: 'what is left of the lease', expiresAt: NOW + 1234, want: 1234 },
    { name: 'never 0, which means no limit to Envoy', expiresAt: NOW, want: 1 },
    { name: 'never less', expiresAt: NOW - 5000, want: 1 },
  ])('the stream ends with the lease: $name', ({ expiresAt, want }) => {
    expect(toAnswer(allowed('GET /api/v1/namespaces/shop/pods', { expiresAt }))).toMatchObject({ streamMs: want })
  })

  test.each([
    { query: 'watch=true', want: 540 },
    { query: 'watch=true&timeoutSeconds=30', want: null },
    { query: 'watch=true&timeoutSeconds=9000', want: 540 },
    { query: 'watch=true&timeoutSeconds=-1', want: 540 },
    { query: 'watch=true&timeoutSeconds=0', want: 540 },
    { query: 'limit=5', want: null },
  ])('a watch is told to end before it is cut: ?$query', ({ query, want }) => {
    expect(toAnswer(allowed(`GET /api/v1/namespaces/shop/pods?${query}`))).toMatchObject({ timeoutSeconds: want })
  })

  test('a lease about to end is announced', () => {
    const soon = toAnswer(allowed('GET /api/v1/namespaces/shop/pods', { expiresAt: NOW + 5000 }))
    expect(soon).toMatchObject({ warning: `leasegate: lease ${lease.id} ends in 5 s` })
    expect(toAnswer(allowed('GET /api/v1/namespaces/shop/pods'))).toMatchObject({ warning: null })
  })

  test.each(Object.keys(DENIALS) as DenyReason[])('%s is a Status that kubectl prints, with what to do', reason => {
    const answer = toAnswer(denied({ reason, detail: 'this and that', approval: 'apr_1', templates: ['wide'] }))
    if (answer.kind !== 'deny') throw new Error('it was denied')
    const status = JSON.parse(answer.body)
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: answer.status })
    expect(status.message).toMatch(/^leasegate: .*: this and that; ./)
    expect(status.message).not.toContain('\n')
    expect(status.details.retryAfterSeconds ?? null).toBe(answer.retryAfter)
  })

  test('the message ends with the command that would mend it', () => {
    const answer = toAnswer(denied({ templates: ['wide'] }))
    expect(answer).toMatchObject({ status: 403 })
    expect(answer.kind === 'deny' && JSON.parse(answer.body).message).toContain(
      'leasegate lease request --template wide --namespace shop',
    )
  })

  test('a pending approval makes client-go wait, but an upgrade is refused: it would try another protocol at once', () => {
    const waiting = denied({ reason: 'approval-pending', approval: 'apr_1' })
    expect(toAnswer(waiting)).toMatchObject({ status: 429, retryAfter: 3 })
    const request = aRequest('GET /api/v1/namespaces/shop/pods/web/exec?command=ls', { upgrade: true })
    expect(toAnswer({ ...waiting, request })).toMatchObject({ status: 403, retryAfter: null })
  })
})
