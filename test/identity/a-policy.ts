import type { Policy } from '../../src/policy/policy.ts'

export function aPolicy(given: Partial<Policy> = {}): Policy {
  return {
    revision: 'r1',
    issuers: [],
    agents: [],
    people: [],
    templates: [],
    productionNamespaces: [],
    mask: { names: [], prefixes: [] },
    boundaryNamespace: '',
    ...given,
  }
}
