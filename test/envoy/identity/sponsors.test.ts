import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { toAnswer } from '../../../src/authorizer/answer/to-answer.ts'
import { aLease } from '../../lease/a-lease.ts'
import { aRequest } from '../../policy/a-request.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { valuesOf } from '../../support/envoy/upstream.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary
beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

const SPONSORS = [
  'ada@corp.example',
  'José Núñez',
  '100% Ada; drop, "quoted" \\ %START_TIME%',
  'עדה לאבלייס',
  '👩🏽 Ada',
  ' blanks around ',
  'x'.repeat(256),
  '\u{1f600}'.repeat(256),
]

test.each(SPONSORS.map((sponsor, at) => ({ sponsor, at })))(
  'a sponsor of any script reaches the API server as one line that reads back: $sponsor',
  async ({ sponsor, at }) => {
    const target = `/api/v1/sponsor-${at}`
    const now = Date.now()
    boundary.script.answer = http => {
      const lease = aLease({ sponsor, issuedAt: now, expiresAt: now + 60_000 })
      const key = { auditId: http.id, decidedAt: now, agent: lease.agent, lease: lease.id }
      return toAnswer({ kind: 'allow', key, lease, request: aRequest(`GET ${target}`) })
    }
    const { status } = await patientRequest(boundary.port, [`GET ${target} HTTP/1.1`, 'Host: kube'])
    expect(status).toBe(200)
    const lines = valuesOf(boundary.upstream.only(target), 'impersonate-extra-leasegate.dev%2fsponsor')
    expect(lines).toHaveLength(1)
    expect(decodeURIComponent(lines[0] ?? '')).toBe(sponsor)
    expect(lines[0]).toMatch(/^[\x20-\x7e]+$/)
  },
)
