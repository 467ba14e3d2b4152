import { describe, expect, test } from 'vitest'
import { revisionFor } from '../../../src/policy/load/revision-for.ts'
import type { Notify } from '../../../src/policy/notify.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { aPolicy, aRule, aTemplate } from '../a-policy.ts'

const grants = [{ agent: 'bot', namespaces: ['x'] }]
const template = aTemplate({ name: 'fix', grants })
const policy = (given: Partial<Policy> = {}) => aPolicy({ templates: [template], ...given })
const revision = (given: Policy) => revisionFor(given, { template: 'fix', agent: 'bot' })
const edited = (given: Partial<typeof template>) => policy({ templates: [{ ...template, ...given }] })

describe('revisionFor', () => {
  test.each([
    { name: 'another revision of the file', to: policy({ revision: 'r9' }) },
    { name: 'another template', to: policy({ templates: [aTemplate({ name: 'new' }), template] }) },
    { name: 'a description', to: edited({ description: 'in other words' }) },
    {
      name: 'another agent of the template',
      to: edited({ grants: [...grants, { agent: 'other', namespaces: ['*'] }] }),
    },
    {
      name: 'how long leases live, how many there are and what they may use up',
      to: edited({ maxTtlMs: 1, maxLeases: 1, budgets: { deletes: 1 } }),
    },
    { name: 'who says yes to its leases', to: edited({ issue: { people: 2, groups: [] } }) },
    { name: 'agents and people', to: policy({ agents: [], people: [] }) },
    { name: 'who is told of questions', to: policy({ notify: { receivers: [] } as unknown as Notify }) },
  ])('is the same after an edit of $name', ({ to }) => {
    expect(revision(to)).toBe(revision(policy()))
  })

  test.each([
    { name: 'its rules', to: edited({ rules: [aRule({ verbs: ['get'] })] }) },
    { name: 'what it skips', to: edited({ approval: { skip: ['exec'], require: [] } }) },
    { name: 'dangers that it names', to: edited({ dangerous: ['host'] }) },
    { name: 'its service accounts', to: edited({ serviceAccounts: ['builder'] }) },
    { name: 'what this agent is granted', to: edited({ grants: [{ agent: 'bot', namespaces: ['y'] }] }) },
    { name: 'what counts as production', to: policy({ productionNamespaces: ['live'] }) },
    { name: 'what is masked', to: policy({ mask: { names: ['colour'], prefixes: [] } }) },
    { name: 'where the boundary runs', to: policy({ boundaryNamespace: 'gate' }) },
  ])('is another one after an edit of $name', ({ to }) => {
    expect(revision(to)).not.toBe(revision(policy()))
  })
})
