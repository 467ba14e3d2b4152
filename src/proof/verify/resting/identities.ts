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
  /** Other user names under which an API server with an OIDC issuer may know the same identity. */
  readonly aliases: readonly string[]
  /** Null: its identity is of no service account. */
  readonly account: Account | null
  /** Who the boundary acts as for it, less the group of a task. */
  readonly leased: AccessSubject
}

const AUTHENTICATED = 'system:authenticated'

export function agentsInCluster({ agents, issuers }: Policy): readonly AgentInCluster[] {
  return agents.map(agent => toAgent(agent, issuers.find(({ name }) => name === agent.match.issuer)?.issuer ?? ''))
}

function toAgent({ name, match }: Agent, issuer: string): AgentInCluster {
  const leased = { user: userOf(name), groups: [AGENTS_GROUP, AUTHENTICATED] }
  const subject = match.claims['sub'] ?? match.claims['email'] ?? name
  const account = toAccount(subject)
  const aliases = account === null ? aliasesOf(match.claims, issuer) : []
  return {
    agent: name,
    account,
    aliases,
    leased,
    own: { user: subject, groups: [...groupsOf(account), AUTHENTICATED] },
  }
}

/** As --oidc-username-claim and its default prefix make them, and with the prefix that most people set. */
function aliasesOf(claims: Agent['match']['claims'], issuer: string): readonly string[] {
  const { sub, email } = claims
  const names = [sub, email].filter(each => each !== undefined)
  return names.flatMap(each => [each, `${issuer}#${each}`, `oidc:${each}`])
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
