import { expect, test } from 'vitest'
import { mayJudgeLine } from '../../../src/broker/approvals/may-judge-line.ts'
import type { Person } from '../../../src/broker/parts.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Agent } from '../../../src/policy/policy.ts'
import { aPolicy, aTemplate, leaseOf } from '../../policy/a-policy.ts'

const agent = (name: string, sponsor: string): Agent => ({
  name,
  match: { issuer: 'i', claims: { sub: name } },
  sponsor: { kind: 'fixed', name: sponsor },
})
const policy = aPolicy({ agents: [agent('a', 'ada'), agent('b', 'grace@corp.example')] })
const root = leaseOf(aTemplate(), { id: 'root', agent: 'a', sponsor: 'ada' })
const handed: Lease = {
  ...root,
  id: 'handed',
  agent: 'b',
  agentSponsor: 'grace@corp.example',
  delegated: { by: 'a', issuer: 'i' },
  ancestors: ['root'],
}
const hana = (claims: Record<string, unknown> = {}): Person => ({
  kind: 'person',
  name: 'hana',
  roles: ['approver'],
  identity: { issuer: 'i', subject: 'hana', claims, expiresAt: 0 },
})
const judged = (person: Person, line: readonly Lease[]) => mayJudgeLine(person, line, policy).kind

test('whoever cannot be told from the sponsor of the agent that got the lease says no yes to what is asked under it', () => {
  expect(judged(hana(), [root])).toBe('yes')
  expect(judged(hana(), [handed, root])).toBe('no')
  expect(judged(hana({ email: 'hana@corp.example' }), [handed, root])).toBe('yes')
  expect(judged(hana({ email: 'Grace@corp.example' }), [handed, root])).toBe('no')
})
