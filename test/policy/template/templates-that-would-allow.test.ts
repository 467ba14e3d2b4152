import { describe, expect, test } from 'vitest'
import { templatesThatWouldAllow } from '../../../src/policy/template/templates-that-would-allow.ts'
import { aPolicy, aTemplate, examplePolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const policy = examplePolicy()

describe('templatesThatWouldAllow', () => {
  test.each([
    {
      agent: 'web-operator',
      line: 'GET /api/v1/namespaces/shop-dev/pods',
      want: ['restart-web', 'look-around', 'inspect-web'],
    },
    { agent: 'web-operator', line: 'GET /api/v1/namespaces/shop/pods', want: ['restart-web'] },
    { agent: 'web-operator', line: 'GET /api/v1/namespaces/bank/pods', want: [] },
    { agent: 'triage', line: 'GET /api/v1/namespaces/bank/pods', want: ['look-around'] },
    { agent: 'triage', line: 'GET /api/v1/pods', want: [] },
    { agent: 'triage', line: 'GET /api/v1/pods?fieldSelector=metadata.namespace!%3Dleasegate', want: ['look-around'] },
    { agent: 'triage', line: 'DELETE /api/v1/namespaces/bank/pods/p', want: [] },
    { agent: 'stranger', line: 'GET /api/v1/namespaces/shop/pods', want: [] },
  ])('$agent, $line: $want', ({ agent, line, want }) => {
    expect(templatesThatWouldAllow(policy, agent, aRequest(line))).toEqual(want)
  })

  test('does not name a template that would refuse the request as dangerous', () => {
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/s/token')
    const named = aTemplate({ name: 'named', dangerous: ['sa-token'] })
    const policy = aPolicy({ templates: [aTemplate(), named] })
    expect(templatesThatWouldAllow(policy, 'bot', request)).toEqual(['named'])
  })

  test('names a template for a new Secret, which need not hold a token', () => {
    const request = aRequest('POST /api/v1/namespaces/x/secrets', { contentType: 'application/json' })
    expect(templatesThatWouldAllow(aPolicy(), 'bot', request)).toEqual(['task'])
  })
})
