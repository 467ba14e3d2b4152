import type { Lease } from '../../../../../src/lease/lease.ts'
import { COMMIT } from '../../../../../src/redis/scripts.ts'

export interface Given {
  /** Where it listens. */
  readonly listen: string
  readonly store: string
  readonly lease: Lease
  readonly publicKeys: string
  readonly limit: number
  readonly namespace: string
  /** Other namespaces, a rule each; then comes the one that covers what is asked. */
  readonly others: readonly string[]
}

/** As text, as `go/main.go` reads it. */
export function goConfig({ listen, store, lease, publicKeys, limit, namespace, others }: Given): string {
  const { keys } = JSON.parse(publicKeys) as { readonly keys: readonly { readonly x: string }[] }
  const rules = others.map(other => ({
    verbs: ['patch'],
    apiGroups: ['apps'],
    resources: ['deployments'],
    namespaces: [other, namespace],
  }))
  return JSON.stringify({
    listen,
    store: store.replace('unix://', ''),
    script: COMMIT.lua,
    key: keys[0]?.x ?? '',
    lease: lease.id,
    agent: lease.agent,
    expiresAt: lease.expiresAt,
    limit: String(limit),
    rules: [...rules, { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: [namespace] }],
  })
}

/** As text, as `opa/main.go` reads it. The rules ask of the input alone, which is what OPA can index. */
export function opaConfig({ listen, lease, namespace, others }: Given): string {
  const patches = others.map(
    other => `allow if {
	input.attributes.request.http.method == "PATCH"
	input.parsed_path[1] == "apps"
	input.parsed_path[5] == "deployments"
	input.parsed_path[4] in {"${other}", "${namespace}"}
}`,
  )
  const reads = `allow if {
	input.attributes.request.http.method == "GET"
	input.parsed_path[0] == "api"
	input.parsed_path[3] == "${namespace}"
}`
  const policy = ['package leasegate', 'default allow := false', ...patches, reads].join('\n\n')
  return JSON.stringify({ listen, policy, agent: lease.agent, lease: lease.id })
}
