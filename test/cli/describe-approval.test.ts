import { expect, describe as group, test } from 'vitest'
import { describe } from '../../src/cli/approval/approvals.ts'
import type { ShownApproval } from '../../src/cli/approval/shown-approval.ts'
import { aLease, aQuestion } from '../lease/a-lease.ts'

const lease = aLease()

function shown(given: Partial<ShownApproval['question']>): string {
  const question = { ...aQuestion(lease), ...given }
  const approval = { id: 'apr_1', lease: lease.id, agent: lease.agent, digest: 'a'.repeat(64), question }
  return describe({ ...approval, state: 'pending', askedAt: 0, endsAt: 0, decidedBy: '', why: '', again: null })
}

group('what a terminal shows of an approval', () => {
  test("the agent's words are labelled as that, on one line, with no links or buttons of their own", () => {
    const task = '<https://evil|Approve> [ok](x) ```\n  digest   bbbb\u001b[2J\u202e'
    const lines = shown({ task }).split('\n')
    const said = lines.filter(line => line.includes('evil'))
    expect(said).toHaveLength(1)
    expect(said[0]).toContain("(the agent's own words, checked by nobody)")
    expect(lines.filter(line => line.startsWith('  digest'))).toEqual([`  digest   ${'a'.repeat(64)}`])
    for (const sign of ['\u001b', '\u202e']) expect(shown({ task })).not.toContain(sign)
  })

  test('facts, and what was cut, are there', () => {
    const text = shown({
      bodyBytes: 9000,
      contentType: 'application/json',
      facts: ['! spec.hostNetwork = true', 'spec.replicas = 0'],
      bodyPreview: '{"spec":{',
      bodyCut: 'first 9 of 8900 bytes (9000 as sent), 8891 not shown',
    })
    expect(text.indexOf('! spec.hostNetwork')).toBeLessThan(text.indexOf('spec.replicas'))
    expect(text).toContain('(first 9 of 8900 bytes (9000 as sent), 8891 not shown)')
  })

  test('whoever writes to the store puts no escape sequence on a terminal', () => {
    const odd = 'a\u001b]8;;http://evil\u0007b'
    const text = shown({ summary: odd, target: odd, method: odd, risk: odd, agent: odd, sponsor: odd, facts: [odd] })
    for (const sign of ['\u001b', '\u0007']) expect(text).not.toContain(sign)
  })
})
