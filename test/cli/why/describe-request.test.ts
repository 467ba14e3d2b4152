import { describe, expect, test } from 'vitest'
import { describeRequest } from '../../../src/cli/why/describe-request.ts'
import { EXPLAINED_REQUEST } from '../../../src/denial/explained-request.ts'

const SAID = {
  auditId: 'a',
  decidedAt: 0,
  what: 'create pods/exec web in shop',
  request: {
    ...{ verb: 'create', apiGroup: '', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web' },
    ...{ method: 'GET', path: '/', command: ['sh', '-c', 'eval x'] },
  },
  ...{ agent: 'fixer', sponsor: '', lease: 'lse_1', template: 't', task: '' },
  ...{ decision: 'allow', reason: '', detail: '', message: '', rule: 'rule 1', rules: [] },
  risk: { id: 'pods-exec', tier: 'high', why: 'runs a command' },
  approval: null,
  policy: { was: 'r', now: 'r', says: ['allow'] },
  outcome: { state: 'done', status: 101, endReason: 'completed' },
  help: [],
}
const shown = (risks: object) => describeRequest(EXPLAINED_REQUEST.parse({ ...SAID, ...risks }))

describe('describeRequest', () => {
  test('names the risk that it was decided by, and the others with their tiers', async () => {
    const risks = [{ id: 'exec-opaque', tier: 'critical', why: 'hides' }, SAID.risk, { id: 'gone', tier: '', why: '' }]
    const text = await shown({ risks })
    expect(text).toContain('  risk: pods-exec (high): it runs a command\n  and risky as exec-opaque (critical), gone\n')
  })

  test.each([{ risks: [SAID.risk] }, {}])(
    'says no more where there is no other, or the broker names none: %j',
    async given => {
      const text = await shown(given)
      expect(text).toContain('  risk: pods-exec (high): it runs a command\n')
      expect(text).not.toContain('risky as')
    },
  )
})
