import { expect, describe as group, test } from 'vitest'
import type { Plan } from '../../../src/approval/plan/plan.ts'
import { describe } from '../../../src/cli/approval/approvals.ts'
import type { ShownApproval } from '../../../src/cli/approval/shown-approval.ts'
import { aLease, aQuestion } from '../../lease/a-lease.ts'

const lease = aLease()

const noPlan = { plan: null, planProblem: '' } as const

function shown(
  given: Partial<ShownApproval['question']>,
  planned: Pick<ShownApproval, 'plan' | 'planProblem'> = noPlan,
): string {
  const question = { ...aQuestion(lease), ...given }
  const approval = { id: 'apr_1', lease: lease.id, agent: lease.agent, digest: 'a'.repeat(64), question }
  const open = { state: 'pending', askedAt: 0, endsAt: 0, decidedBy: '', why: '', yeses: [], again: null } as const
  return describe({ ...approval, ...open, ...planned })
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

  test("blanks in the agent's words make no line of their own on a narrow terminal", () => {
    const said = shown({ task: `web is slow${' '.repeat(90)}risk     low` })
      .split('\n')
      .find(line => line.includes('slow'))
    expect(said).toMatch(/^ {2}it says {2}web is slow risk low {3}\(/)
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

  test('the plan: what would change, what goes with it, what is not shown, and how old it is', () => {
    const plan: Plan = {
      kind: 'write',
      madeAt: Date.now() - 5000,
      summary: 'would change 2 fields',
      facts: [{ name: 'object', value: 'deployments.apps web in shop' }],
      changes: [
        { path: 'spec.replicas', kind: 'changed', before: '2', after: '0' },
        { path: 'data.password', kind: 'added', hidden: true },
      ],
      affected: [{ kind: 'Pod', namespace: 'shop', name: 'web-1', detail: 'Running, ready' }],
      counts: [{ kind: 'Pod', count: 1 }],
      notes: ['odd\u001b[2J'],
      cut: [{ what: 'changes', missing: 7 }],
      object: null,
    }
    const text = shown({}, { plan, planProblem: '' })
    expect(text).toMatch(/plan {5}would change 2 fields {3}\(5 s old\)/)
    for (const line of [
      '~ spec.replicas: 2 -> 0',
      '+ data.password: added, hidden',
      'Pod web-1 in shop (Running, ready)',
    ])
      expect(text).toContain(line)
    expect(text).toContain('and 7 more changes')
    expect(text).not.toContain('\u001b')
    expect(shown({}, { plan: null, planProblem: 'nobody may look' })).toContain('no plan: nobody may look')
  })

  test('whoever writes to the store puts no escape sequence on a terminal', () => {
    const odd = 'a\u001b]8;;http://evil\u0007b'
    const text = shown({ summary: odd, target: odd, method: odd, risk: odd, agent: odd, sponsor: odd, facts: [odd] })
    for (const sign of ['\u001b', '\u0007']) expect(text).not.toContain(sign)
  })

  test('who said yes so far, where one is not enough, in words that a terminal does not obey', () => {
    const question = { ...aQuestion(lease), quorum: { people: 2, groups: [['oncall', 'sre']] } }
    const open = { state: 'pending', askedAt: 0, endsAt: 0, decidedBy: '', why: '', again: null, ...noPlan } as const
    const yeses = [{ by: 'hana', at: Date.UTC(2026, 10, 29), why: 'fine\u001b[2J' }]
    const text = describe({ id: 'apr_1', lease: lease.id, agent: lease.agent, digest: 'a', question, ...open, yeses })
    expect(text).toContain('1 of 2 people of oncall or sre said yes')
    expect(text).toContain('yes by hana at 2026-11-29T00:00:00.000Z: fine')
    expect(text).not.toContain('\u001b')
  })
})
