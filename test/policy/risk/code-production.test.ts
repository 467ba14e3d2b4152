import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { risksOf } from '../../../src/policy/risk/risks.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const policy = aPolicy({ productionNamespaces: ['prod'] })
const BODY = JSON.stringify({ spec: { containers: [{ name: 'c', image: 'busybox', command: ['sh'] }] } })

function asks(line: string): boolean {
  const request = aRequest(line, { contentType: 'application/json', body: BODY })
  return risksOf({ request, policy, terms: NO_TERMS }).some(({ id }) => id === 'code-production')
}

describe('code of its own in production', () => {
  test.each(['pods', 'podtemplates', 'replicationcontrollers'])('asks for a create of %s', kind => {
    expect(asks(`POST /api/v1/namespaces/prod/${kind}`)).toBe(true)
  })

  test('asks for a Job, and for what is no pod or elsewhere it does not', () => {
    expect(asks('POST /apis/batch/v1/namespaces/prod/jobs')).toBe(true)
    expect(asks('POST /api/v1/namespaces/prod/configmaps')).toBe(false)
    expect(asks('POST /api/v1/namespaces/dev/pods')).toBe(false)
  })
})
