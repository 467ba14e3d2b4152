import { describe, expect, test } from 'vitest'
import { toAnswer, toDenial } from '../../../src/authorizer/answer/to-answer.ts'
import type { Decision } from '../../../src/authorizer/decision.ts'
import { DENIALS } from '../../../src/denial/denials.ts'
import type { DenyReason } from '../../../src/policy/judge/verdict.ts'
import type { WayIn } from '../../../src/policy/template/ways-in.ts'
import { aLease } from '../../lease/a-lease.ts'
import { aRequest } from '../../policy/a-request.ts'

const NOW = Date.parse('2026-09-01T10:00:00Z')
const lease = aLease({ issuedAt: NOW - 60_000, expiresAt: NOW + 540_000 })
const WIDE: WayIn = { kind: 'ask', template: 'wide', namespaces: ['shop'], ttlMs: null, instead: null }
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
    ways: [],
    instead: '',
    ...given,
  }
}

function statusOf(decision: Decision) {
  const answer = toAnswer(decision)
  if (answer.kind !== 'deny') throw new Error('it was denied')
  return JSON.parse(answer.body) as { details: { causes: readonly object[] } }
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

  test('what a yes is bound to goes on with its request, for the API server to compare, and with no other', () => {
    const plain = allowed('DELETE /api/v1/namespaces/shop/pods/web')
    const extras = (decision: Decision) => {
      const answer = toAnswer(decision)
      return answer.kind === 'allow' && answer.identity.extras
    }
    const before = extras(plain)
    const approved = { ...plain, approval: 'apr_1', bound: 'u1@10' } as Decision
    expect(extras(approved)).toEqual({ ...before, 'leasegate.dev/bound': 'u1@10' })
    expect(extras(plain)).toEqual(before)
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
    { query: 'watch=true&timeoutSeconds=%31%30', want: null },
    { query: 'watch=true&timeoutSeconds=%2B10', want: null },
    { query: 'watch=true&timeoutSeconds=1e1', want: 540 },
    { query: 'limit=5', want: null },
  ])('a watch is told to end before it is cut: ?$query', ({ query, want }) => {
    expect(toAnswer(allowed(`GET /api/v1/namespaces/shop/pods?${query}`))).toMatchObject({ timeoutSeconds: want })
  })

  test('a lease about to end is announced', () => {
    const soon = toAnswer(allowed('GET /api/v1/namespaces/shop/pods', { expiresAt: NOW + 5000 }))
    expect(soon).toMatchObject({ warning: `leasegate: lease ${lease.id} ends in 5 s` })
    expect(toAnswer(allowed('GET /api/v1/namespaces/shop/pods'))).toMatchObject({ warning: null })
  })

  test('warns when little is left of a budget, unless the lease itself is about to end', () => {
    const nearly = { budget: 'objects', count: 1 } as const
    const warned = (given = {}) =>
      toAnswer({ ...allowed('GET /api/v1/namespaces/shop/pods', given), nearly } as Decision)
    expect(warned()).toMatchObject({ warning: `leasegate: lease ${lease.id} has 1 left of its budget of objects` })
    expect(warned({ expiresAt: NOW + 5000 })).toMatchObject({ warning: expect.stringMatching(/ends in 5 s$/) })
  })

  test.each(Object.keys(DENIALS) as DenyReason[])('%s is a Status that kubectl prints, with what to do', reason => {
    const answer = toAnswer(denied({ reason, detail: 'this and that', approval: 'apr_1', ways: [WIDE] }))
    if (answer.kind !== 'deny') throw new Error('it was denied')
    const status = JSON.parse(answer.body)
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: answer.status })
    expect(status.message).toMatch(/^leasegate: .*: this and that; ./)
    expect(status.message).not.toContain('\n')
    expect(status.details.retryAfterSeconds ?? null).toBe(answer.retryAfter)
  })

  test('the message ends with the command that would mend it', () => {
    const answer = toAnswer(denied({ ways: [WIDE] }))
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

  test('a pending approval says where its approver can answer, where there is a console', () => {
    const waiting = denied({ reason: 'approval-pending', approval: 'apr_1' })
    const statusOf = (consoleUrl: string | null) => {
      const answer = toAnswer(waiting, consoleUrl)
      return answer.kind === 'deny' && JSON.parse(answer.body)
    }
    const { message, details } = statusOf('https://leasegate.example.com')
    const url = 'https://leasegate.example.com/console/approvals/apr_1'
    expect(message).toContain(`leasegate approve apr_1, or at ${url}; wait with: leasegate approvals wait apr_1`)
    expect(details.causes).toContainEqual({ reason: 'LeasegateApprovalURL', message: url })
    expect(JSON.stringify(statusOf(null))).not.toMatch(/console|URL/)
  })

  test.each([
    { query: 'timeout=5s', want: null },
    { query: 'timeout=500ms', want: null },
    { query: 'timeout=1m0s', want: 3 },
    { query: 'timeout=8m4s', want: 3 },
    { query: 'timeout=x5s', want: 3 },
    { query: 'limit=5', want: 3 },
  ])('who has no time to wait for ten tries is told at once: ?$query', ({ query, want }) => {
    const request = aRequest(`GET /api/v1/namespaces/shop/secrets?${query}`)
    const answer = toAnswer(denied({ reason: 'approval-pending', approval: 'apr_1', request }))
    expect(answer).toMatchObject({ status: 429, retryAfter: want })
  })

  test('what a human has to mend is not tried again in silence', () => {
    for (const reason of ['too-many-questions', 'store-unfit'] as const) {
      expect(toAnswer(denied({ reason }))).toMatchObject({ retryAfter: null })
    }
  })

  test('a program reads what it needs from the causes, and which object from the details', () => {
    const request = aRequest('GET /apis/apps/v1/namespaces/shop/deployments/web')
    const { details } = statusOf(denied({ request, detail: 'this', ways: [WIDE] }))
    expect(details).toMatchObject({ name: 'web', group: 'apps', kind: 'deployments' })
    expect(details.causes).toEqual([
      { reason: 'out-of-scope', message: 'this' },
      { reason: 'LeasegateReason', message: 'out-of-scope' },
      { reason: 'LeasegateRetry', message: 'with-lease' },
      { reason: 'LeasegateTemplate', message: 'wide' },
      { reason: 'LeasegateNamespace', message: 'shop' },
      {
        reason: 'LeasegateCommand',
        message: "leasegate lease request --template wide --namespace shop --reason 'WHY'",
      },
      { reason: 'LeasegateLease', message: lease.id },
      { reason: 'LeasegateAuditID', message: 'a' },
    ])
  })

  test.each([
    { given: { reason: 'approval-pending', approval: 'apr_1' }, cause: 'LeasegateApproval', want: 'apr_1' },
    { given: { reason: 'approval-pending', approval: 'apr_1' }, cause: 'LeasegateRetry', want: 'after-approval' },
    { given: { reason: 'budget-spent', detail: 'deletes' }, cause: 'LeasegateBudget', want: 'deletes' },
    { given: { reason: 'out-of-scope' }, cause: 'LeasegateRetry', want: 'never' },
    { given: { reason: 'no-credential', lease: null }, cause: 'LeasegateRetry', want: 'with-credential' },
  ] as const)('$given.reason says its $cause', ({ given, cause, want }) => {
    expect(statusOf(denied(given)).details.causes).toContainEqual({ reason: cause, message: want })
  })

  test.each([
    { reason: 'forbidden-header', detail: 'impersonate-user', says: 'leave out --as, --as-group and --as-uid' },
    { reason: 'forbidden-header', detail: 'content-encoding', says: 'send the body as it is' },
    { reason: 'too-long', detail: 'the query has 300002 bytes, and 196608 are read', says: 'exec -i' },
    { reason: 'odd-upgrade', detail: 'nothing to upgrade here', says: 'watches and logs of pods may be a WebSocket' },
    { reason: 'odd-query', detail: 'container given twice, with different values', says: 'each option once' },
  ] as const)('$reason ($detail) says what to do instead', ({ reason, detail, says }) => {
    const { body } = toAnswer(denied({ reason, detail, request: null })) as Extract<
      ReturnType<typeof toAnswer>,
      { kind: 'deny' }
    >
    expect(JSON.parse(body).message).toContain(says)
  })

  test.each([
    { detail: 'impersonate-user', status: 403, reason: 'Forbidden' },
    { detail: 'impersonate-extra-leasegate.dev%2flease', status: 403, reason: 'Forbidden' },
    { detail: 'impersonate_user', status: 400, reason: 'BadRequest' },
    { detail: 'x-remote-user', status: 400, reason: 'BadRequest' },
    { detail: 'audit-id', status: 400, reason: 'BadRequest' },
  ])('$detail is answered as Kubernetes would: $status', ({ detail, status, reason }) => {
    const answer = toDenial(denied({ reason: 'forbidden-header', detail, request: null }))
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code: status, reason })
  })

  test('nobody is told to send it as kubectl does, who may be kubectl', () => {
    for (const reason of Object.keys(DENIALS) as DenyReason[]) {
      expect(JSON.stringify(toAnswer(denied({ reason, request: null })))).not.toMatch(/as kubectl|client-go/)
    }
  })

  test('a path that no template names is not said to want another template of resources', () => {
    const answer = toAnswer(denied({ request: aRequest('GET /metrics') }))
    expect(JSON.stringify(answer)).toContain('names this path under nonResourceURLs')
  })
})
