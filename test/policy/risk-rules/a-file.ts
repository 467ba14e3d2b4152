import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { Policy } from '../../../src/policy/policy.ts'

/** A policy file with these rules, and with this `approval` of its only template, which grants everything in shop and dev. */
export function aFile(riskRules: string, approval = '{}', more = ''): string {
  return `
boundaryNamespace: leasegate
productionNamespaces: [shop, prod-*]
issuers: [{name: i, issuer: 'https://i.example', audience: a, jwks: {file: keys}}]
agents: [{name: bot, issuer: i, claims: {sub: bot}}]
people:
  - {name: ada, issuer: i, claims: {sub: ada}, roles: [approver, admin]}
  - {name: bo, issuer: i, claims: {sub: bo}, roles: [approver]}
groups: [{name: oncall, members: [ada, bo]}]
${more}
riskRules: ${riskRules}
templates:
  - name: task
    grants: [{agent: bot, namespaces: [shop, dev, kube-system]}]
    rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
    maxTtl: 1h
    approval: ${approval}
`
}

export function thePolicy(text: string): Policy {
  const found = parsePolicy(text, 'policy.yaml')
  if (found.kind === 'problems') throw new Error(describeProblems(found.problems, 'policy.yaml'))
  return found.policy
}

export function problemsOf(text: string): string {
  const found = parsePolicy(text, 'policy.yaml')
  return found.kind === 'problems' ? describeProblems(found.problems, 'policy.yaml') : ''
}
