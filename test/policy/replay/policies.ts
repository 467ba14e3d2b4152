import type { Policy } from '../../../src/policy/policy.ts'
import { thePolicy } from '../risk-rules/a-file.ts'

/** Nearly everything that a policy can say of requests, so that bodies, fields, names and commands all matter somewhere. */
export const FILE = `
boundaryNamespace: leasegate
productionNamespaces: [shop, prod-*]
issuers: [{name: i, issuer: 'https://i.example', audience: a, jwks: {file: keys}}]
agents: [{name: bot, issuer: i, claims: {sub: bot}}, {name: other, issuer: i, claims: {sub: other}}]
people: [{name: ada, issuer: i, claims: {sub: ada}, roles: [approver, admin]}]
riskRules:
  - {id: image, tier: high, why: changes an image, apiGroups: [apps], resources: [deployments], changes: [image]}
  - {id: note, tier: low, why: writes annotations alone, verbs: [patch], changesOnly: [annotations, labels], ownPrefixes: [team.example], replaces: [workload-code]}
  - {id: many, tier: critical, why: deletes many, changes: [deletes], minObjects: 10}
templates:
  - name: wide
    grants: [{agent: bot, namespaces: [shop, dev]}]
    rules:
      - {verbs: ['*'], apiGroups: ['*'], resources: ['*']}
      - {scope: cluster, verbs: [get, list], apiGroups: [''], resources: [namespaces, nodes]}
      - {scope: cluster, verbs: [get], nonResourceURLs: [/metrics]}
    maxTtl: 1h
    approval: {tiers: {low: pass, high: ask, critical: never}}
  - name: narrow
    grants: [{agent: bot, namespaces: [shop, dev]}, {agent: other, namespaces: ['*']}]
    rules:
      - {verbs: [get, list, watch], apiGroups: ['', apps], resources: [pods, pods/log, deployments, configmaps]}
      - {verbs: [patch], apiGroups: [apps], resources: [deployments], resourceNames: [web], fields: [spec.replicas, metadata.annotations]}
      - {verbs: [create, update, delete], apiGroups: [''], resources: [configmaps], resourceNames: [settings, 'web']}
      - {verbs: [create], apiGroups: [''], resources: [pods/exec], commands: [[ls, '*'], [ps]]}
    maxTtl: 1h
`

const known = new Map<string, Policy>()

export function aPolicyOf(change: (text: string) => string = text => text): Policy {
  const text = change(FILE)
  const before = known.get(text)
  if (before !== undefined) return before
  const policy = thePolicy(text)
  known.set(text, policy)
  return policy
}

/** Edits as people make them. */
export const EDITS: readonly (readonly [from: string, to: string])[] = [
  ['verbs: [get, list, watch], apiGroups', 'verbs: [get], apiGroups'],
  ['namespaces: [shop, dev]}]', 'namespaces: [dev]}]'],
  ['namespaces: [shop, dev]}, {', 'namespaces: [shop, dev, more]}, {'],
  ['fields: [spec.replicas, metadata.annotations]', 'fields: [metadata.annotations]'],
  [', fields: [spec.replicas, metadata.annotations]', ''],
  ["resourceNames: [settings, 'web']", 'resourceNames: [settings]'],
  ["commands: [[ls, '*'], [ps]]", 'commands: [[ps]]'],
  [", commands: [[ls, '*'], [ps]]", ''],
  ['critical: never', 'critical: ask'],
  ['approval: {tiers: {low: pass, high: ask, critical: never}}', 'dangerous: [pod-host, pod-identity]'],
  ['productionNamespaces: [shop, prod-*]', 'productionNamespaces: []'],
  ['changes: [image]}', 'changes: [env]}'],
  [
    "verbs: ['*'], apiGroups: ['*'], resources: ['*']",
    "verbs: ['*'], apiGroups: ['', apps], resources: ['*', '*/scale']",
  ],
  ['maxTtl: 1h', 'maxTtl: 2h'],
  ['  - name: wide\n', '  - name: wide\n    watched: [exec, attach]\n'],
  ['  - name: wide\n', '  - name: wide\n    certificate: required\n'],
  ['  - name: wide\n', '  - name: wide\n    onBehalfOf: required\n'],
  ['  - name: narrow\n', '  - name: narrow\n    watched: [exec]\n'],
  ['  - name: narrow\n', '  - name: narrow\n    certificate: required\n'],
  ['  - name: narrow\n', '  - name: narrow\n    onBehalfOf: allowed\n'],
]
