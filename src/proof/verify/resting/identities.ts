import type { AccessSubject } from '../../../kubernetes/cluster.ts'
import type { Agent, Policy } from '../../../policy/policy.ts'
import { AGENTS_GROUP, userOf } from '../../../policy/rbac/identity.ts'

export interface Account {
  readonly namespace: string
  readonly name: string
}

/** An agent as the cluster knows it, without and with a lease. */
export interface AgentInCluster {
  readonly agent: string
  /** Its own identity, should the API server take its token. */
  readonly own: AccessSubject
  /** Null: its identity is of no service account. */
  readonly account: Account | null
  /** Who the boundary acts as for it, less the group of a task. */
  readonly leased: AccessSubject
}

const AUTHENTICATED = 'system:authenticated'

export function agentsInCluster({ agents }: Policy): readonly AgentInCluster[] {
  return agents.map(toAgent)
}

function toAgent({ name, match }: Agent): AgentInCluster {
  const leased = { user: userOf(name), groups: [AGENTS_GROUP, AUTHENTICATED] }
  const subject = match.claims['sub'] ?? match.claims['email'] ?? name
  const account = toAccount(subject)
  return { agent: name, account, leased, own: { user: subject, groups: [...groupsOf(account), AUTHENTICATED] } }
}

/** `system:serviceaccount:NAMESPACE:NAME`. */
function toAccount(subject: string): Account | null {
  const [system, kind, namespace, name, ...more] = subject.split(':')
  if (system !== 'system' || kind !== 'serviceaccount' || more.length > 0) return null
  return namespace === undefined || name === undefined ? null : { namespace, name }
}

function groupsOf(account: Account | null): readonly string[] {
  return account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`]
}

/** Each namespace once in which an agent's account lives. */
export function accountNamespaces(agents: readonly AgentInCluster[]): readonly string[] {
  return [...new Set(agents.flatMap(({ account }) => (account === null ? [] : [account.namespace])))]
}
