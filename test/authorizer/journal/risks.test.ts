import { describe, expect, test } from 'vitest'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import { aPolicy, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { journaled } from '../../policy/replay/a-recorded.ts'
import { anHttpRequest, WEBSOCKET } from '../../request/a-http-request.ts'

const EXEC = { method: 'GET', target: '/api/v1/namespaces/x/pods/p/exec?command=eval', headers: [...WEBSOCKET] }
const BOTH = ['exec-opaque', 'pods-exec']

/** What the authorizer writes into the journal of a request under a lease of this template. */
function entryOf(http: Parameters<typeof anHttpRequest>[0], given: Parameters<typeof aTemplate>[0] = {}) {
  const own = aTemplate(given)
  const { entry } = journaled(aPolicy({ templates: [own] }), leaseOf(own), anHttpRequest(http))
  return entry as DecisionEntry
}

describe("the journal's entry of a decision", () => {
  test('names all risks, where there are several', () => {
    expect(entryOf(EXEC)).toMatchObject({ intent: 'allow', risk: 'exec-opaque', risks: BOTH })
  })

  test.each<{ name: string; given: Parameters<typeof aTemplate>[0]; want: Partial<DecisionEntry> }>([
    { name: 'nobody watches', given: { watched: ['exec'] }, want: { intent: 'deny', reason: 'nobody-watches' } },
    {
      name: 'it asks for the lesser one',
      given: { approval: { skip: [], require: ['pods-exec'] } },
      want: { intent: 'approval', risk: 'pods-exec' },
    },
    { name: 'it is out of scope', given: { rules: [] }, want: { intent: 'deny', reason: 'out-of-scope' } },
  ])('names them as well where $name', ({ given, want }) => {
    expect(entryOf(EXEC, given)).toMatchObject({ ...want, risks: BOTH })
  })

  test('names them of a question that cannot be asked', () => {
    const target = `${EXEC.target}&command=${'x'.repeat(5000)}`
    const approval = { skip: [], require: ['pods-exec'] }
    expect(entryOf({ ...EXEC, target }, { approval })).toMatchObject({ reason: 'cannot-be-asked', risks: BOTH })
  })

  test.each(['/api/v1/namespaces/x/pods', '/api/v1/namespaces/x/pods/p/log', '/api'])(
    'is no larger than before where there is one or none: %s',
    target => {
      expect(Object.keys(entryOf({ method: 'GET', target }))).not.toContain('risks')
    },
  )
})
