import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuditLine, parseEventList } from '../../../src/record/reconcile/audit-event.ts'

/** As kube-apiserver 1.36 writes it, shortened. */
const EVENT = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: '0d5e6a52-3c1b-4d2f-9d58-0c2f6e3a9b10',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods/web-1/exec?command=ls',
  verb: 'get',
  user: { username: 'system:serviceaccount:leasegate:boundary', groups: ['system:authenticated'] },
  impersonatedUser: {
    username: 'leasegate:fixer',
    groups: ['leasegate:agents', 'system:authenticated'],
    extra: { 'leasegate.dev/lease': ['lse_1'] },
  },
  sourceIPs: ['10.0.0.7', '127.0.0.1'],
  userAgent: 'kubectl',
  objectRef: { resource: 'pods', namespace: 'shop', name: 'web-1', apiVersion: 'v1', subresource: 'exec' },
  responseStatus: { metadata: {}, code: 101 },
  requestReceivedTimestamp: '2026-09-01T10:00:00.123456Z',
  stageTimestamp: '2026-09-01T10:00:00.223456Z',
}

describe('parseAuditLine', () => {
  test('reads who, as whom, what and when', () => {
    expect(parseAuditLine(JSON.stringify(EVENT))).toEqual({
      auditId: EVENT.auditID,
      stage: 'ResponseComplete',
      receivedAt: Date.UTC(2026, 8, 1, 10, 0, 0, 123),
      verb: 'get',
      dryRun: false,
      path: '/api/v1/namespaces/shop/pods/web-1/exec',
      user: EVENT.user.username,
      groups: EVENT.user.groups,
      as: { user: 'leasegate:fixer', groups: EVENT.impersonatedUser.groups, lease: 'lse_1' },
      object: { apiGroup: '', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-1' },
      status: 101,
      userAgent: 'kubectl',
      source: '127.0.0.1',
    })
  })

  test('a URL has no object, and nobody may be anybody', () => {
    const { impersonatedUser, objectRef, ...rest } = EVENT
    expect(parseAuditLine(JSON.stringify({ ...rest, requestURI: '/version' }))).toMatchObject({
      as: null,
      object: null,
      path: '/version',
    })
  })

  test.each(['', '{', '[]', '{}', '{"auditID":1}', JSON.stringify({ ...EVENT, requestReceivedTimestamp: 'x' })])(
    'what is no event is null: %s',
    line => expect(parseAuditLine(line)).toBeNull(),
  )

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => void [parseAuditLine(text), parseEventList(text)]))
  })
})

describe('parseEventList', () => {
  test('keeps the events and counts the rest', () => {
    const list = parseEventList(JSON.stringify({ kind: 'EventList', items: [EVENT, {}, 'x', EVENT] }))
    expect(list).toMatchObject({ bad: 2, events: [{ verb: 'get' }, { verb: 'get' }] })
  })

  test.each(['', '[]', '{"items":1}'])('what is no list is null: %s', body => expect(parseEventList(body)).toBeNull())
})
