import { readFileSync } from 'node:fs'
import type { Lease } from '../../src/lease/lease.ts'
import { parsePolicy } from '../../src/policy/load/policy-file.ts'
import type { Policy, TaskTemplate, TemplateRule } from '../../src/policy/policy.ts'
import { issueScope } from '../../src/policy/template/issue-scope.ts'
import { termsOf } from '../../src/policy/template/terms-of.ts'

export const EXAMPLE_FILE = new URL('../vectors/policy-example.yaml', import.meta.url)

export function examplePolicy(): Policy {
  const parsed = parsePolicy(readFileSync(EXAMPLE_FILE, 'utf8'), 'policy-example.yaml')
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  return parsed.policy
}

export function aRule(given: Partial<TemplateRule> = {}): TemplateRule {
  return {
    scope: 'namespaces',
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    resourceNames: [],
    nonResourceURLs: [],
    commands: [],
    stdin: false,
    fields: [],
    ...given,
  }
}

/** Grants agent `bot` everything in namespace `x` unless told otherwise. */
export function aTemplate(given: Partial<TaskTemplate> = {}): TaskTemplate {
  return {
    name: 'task',
    description: '',
    grants: [{ agent: 'bot', namespaces: ['x'] }],
    rules: [aRule()],
    maxTtlMs: 3_600_000,
    maxLeases: 1,
    budgets: {},
    approval: { skip: [], require: [] },
    dangerous: [],
    serviceAccounts: [],
    ...given,
  }
}

export function aPolicy(given: Partial<Policy> = {}): Policy {
  return {
    revision: 'r1',
    issuers: [],
    agents: [{ name: 'bot', match: { issuer: 'i', claims: { sub: 'bot' } }, sponsor: { kind: 'fixed', name: '' } }],
    people: [],
    templates: [aTemplate()],
    productionNamespaces: ['prod-*'],
    mask: { names: [], prefixes: [] },
    boundaryNamespace: 'leasegate',
    ...given,
  }
}

/** A lease as the template issues it. */
export function leaseOf(template: TaskTemplate, given: Partial<Lease> = {}): Lease {
  const grant = template.grants[0]
  const namespaces = given.namespaces ?? grant?.namespaces ?? []
  return {
    id: 'l1',
    agent: grant?.agent ?? 'bot',
    sponsor: '',
    task: { name: template.name, reason: 'test', ticket: '' },
    template: template.name,
    scope: issueScope(template, namespaces),
    namespaces,
    budgets: template.budgets,
    terms: termsOf(template),
    issuedAt: 0,
    expiresAt: 1_000_000,
    policyRevision: 'r1',
    ancestors: [],
    ...given,
  }
}
