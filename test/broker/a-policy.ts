import type { Issuer, Person, Policy } from '../../src/policy/policy.ts'

/** Two agents, an approver, an admin, somebody on call, and grace, who is both approver and sponsor. */
export function aPolicy(issuer: Issuer): Policy {
  const person = (name: string, roles: Person['roles']) => ({
    name,
    match: { issuer: issuer.name, claims: { sub: name } },
    roles,
    alsoKnownAs: [],
  })
  const agent = (name: string) => ({
    name,
    match: { issuer: issuer.name, claims: { sub: name } },
    sponsor: { kind: 'claim' as const, claim: 'sponsor' },
  })
  const rule = {
    scope: 'namespaces' as const,
    verbs: ['get'],
    apiGroups: [''],
    resources: ['pods'],
    resourceNames: [],
    nonResourceURLs: [],
    commands: [],
    stdin: false,
    fields: [],
  }
  return {
    revision: 'r1',
    issuers: [issuer],
    agents: [agent('web-operator'), agent('triage')],
    people: [
      person('hana', ['approver']),
      person('root', ['admin']),
      person('grace', ['approver', 'admin']),
      person('oncall', ['stopper']),
    ],
    templates: [
      {
        name: 'restart-web',
        description: 'Restart the web deployment',
        grants: [
          { agent: 'web-operator', namespaces: ['shop', 'shop-dev'] },
          { agent: 'triage', namespaces: ['shop-dev'] },
        ],
        rules: [rule],
        maxTtlMs: 3_600_000,
        maxLeases: 2,
        budgets: { requests: 10 },
        approval: { skip: [], require: [] },
        dangerous: [],
        serviceAccounts: [],
      },
    ],
    productionNamespaces: [],
    mask: { names: [], prefixes: [] },
    boundaryNamespace: '',
  }
}
