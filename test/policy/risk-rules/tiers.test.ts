import { describe, expect, test } from 'vitest'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aPolicy, aTemplate } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'
import { aFile, thePolicy } from './a-file.ts'
import { deleteAll, judged, RULES, STRATEGIC, web } from './a-weighed-request.ts'

describe('what a template makes of a tier', () => {
  const by = (approval: string, rules = RULES) => thePolicy(aFile(rules, approval))
  const secret = aRequest('GET /api/v1/namespaces/shop/secrets/s')

  test.each<{ name: string; approval: string; request: ApiRequest; want: object }>([
    {
      name: 'passes what asks by default',
      approval: '{tiers: {high: pass}}',
      request: secret,
      want: { kind: 'allow' },
    },
    {
      name: 'but not what is named',
      approval: '{tiers: {high: pass}, require: [secrets-get]}',
      request: secret,
      want: { kind: 'approval' },
    },
    {
      name: 'asks for what passes by default',
      approval: '{tiers: {medium: ask}}',
      request: aRequest('DELETE /api/v1/namespaces/shop/pods/p'),
      want: { kind: 'approval' },
    },
    {
      name: 'but not for what is skipped',
      approval: '{tiers: {medium: ask}, skip: [pods-delete]}',
      request: aRequest('DELETE /api/v1/namespaces/shop/pods/p'),
      want: { kind: 'allow' },
    },
    {
      name: 'never lets it pass',
      approval: '{tiers: {critical: never}}',
      request: deleteAll,
      want: { kind: 'deny', reason: 'too-risky', detail: 'deletes ten objects or more (critical, many-deletes)' },
    },
    {
      name: 'not even where it is skipped',
      approval: '{tiers: {critical: never}, skip: [many-deletes]}',
      request: deleteAll,
      want: { kind: 'deny', reason: 'too-risky' },
    },
    {
      name: 'wants the people of the tier and of the risk',
      approval: '{tiers: {high: {groups: [oncall]}}, risks: {secrets-get: {people: 2}}}',
      request: secret,
      want: { quorum: { people: 2, groups: [['oncall']] } },
    },
    {
      name: 'opens no danger',
      approval: '{tiers: {critical: pass, high: pass}}',
      request: aRequest('POST /api/v1/namespaces/shop/serviceaccounts/a/token'),
      want: { kind: 'deny', reason: 'dangerous' },
    },
  ])('$name', ({ approval, request, want }) => {
    expect(judged(request, by(approval))).toMatchObject(want)
  })

  test('asks for a danger that is named, whatever the tier lets pass', () => {
    const template = {
      ...aTemplate({ dangerous: ['sa-token'] }),
      approval: { skip: [], require: [], tiers: { critical: 'pass' as const } },
    }
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/a/token')
    expect(judged(request, aPolicy({ templates: [template] }))).toMatchObject({ kind: 'approval' })
    const never = { ...template, approval: { skip: ['sa-token'], require: [], tiers: { critical: 'never' as const } } }
    expect(judged(request, aPolicy({ templates: [never] }))).toMatchObject({ kind: 'deny', reason: 'too-risky' })
  })

  test('keeps a danger that a signed rule claims to stand for', () => {
    const [rule] = thePolicy(aFile('[{id: own, tier: low, why: is odd, verbs: [create]}]')).riskRules ?? []
    if (rule?.match == null) throw new Error('no rule')
    const template = aTemplate({ riskRules: [[{ ...rule, match: { ...rule.match, replaces: ['sa-token'] } }]] })
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/a/token')
    const verdict = judged(request, aPolicy({ templates: [template] }))
    expect(verdict).toMatchObject({ kind: 'deny', reason: 'dangerous', risk: { id: 'sa-token' } })
  })

  test('says of a body that cannot be read that it might be one', () => {
    const request = aRequest(`PATCH ${web('shop')}`, { contentType: STRATEGIC, body: '{"spec":{},"spec":{}}' })
    const open = by('{tiers: {critical: never}}', RULES)
    const verdict = judged(
      request,
      thePolicy(
        aFile(RULES, '{tiers: {critical: never}}').replace(
          'maxTtl: 1h',
          'maxTtl: 1h\n    dangerous: [pod-host, pod-identity]',
        ),
      ),
    )
    expect(judged(request, open)).toMatchObject({ kind: 'deny', reason: 'dangerous' })
    expect(verdict).toMatchObject({ reason: 'too-risky', detail: expect.stringContaining('the body cannot be read') })
  })
})
