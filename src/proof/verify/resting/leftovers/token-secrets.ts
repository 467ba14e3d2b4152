import type { Cluster, StoredObject } from '../../../../kubernetes/cluster.ts'
import { shellQuote } from '../../../shell-quote.ts'
import { type AgentInCluster, accountNamespaces } from '../identities.ts'
import type { Look } from '../looking.ts'

export const TOKEN_SECRET = 'kubernetes.io/service-account-token'
const ACCOUNT = 'kubernetes.io/service-account.name'

/** Secrets that hold a token of an agent's account: it never ends. */
export async function tokenSecrets(cluster: Cluster, agents: readonly AgentInCluster[]): Promise<Look> {
  const namespaces = accountNamespaces(agents)
  const secrets = (await Promise.all(namespaces.map(namespace => cluster.secrets(namespace)))).flat()
  const tokens = secrets.filter(secret => isAgents(secret, agents))
  return {
    tried: [`${secrets.length} Secrets in ${namespaces.join(', ') || 'no namespace: no agent is a service account'}`],
    seen: [`${tokens.length} with a token of an agent's account`],
    findings: tokens.map(({ name, namespace, annotations }) => ({
      severity: 'critical',
      what: `Secret ${namespace}/${name} holds a token of the service account ${annotations[ACCOUNT]}, without an end`,
      why: 'Whoever reads it is the agent at the API server, for ever and past the boundary.',
      mend: `kubectl delete secret ${shellQuote(name)} -n ${shellQuote(namespace)}`,
    })),
  }
}

function isAgents({ type, namespace, annotations }: StoredObject, agents: readonly AgentInCluster[]): boolean {
  if (type !== TOKEN_SECRET) return false
  return agents.some(({ account }) => account?.namespace === namespace && account.name === annotations[ACCOUNT])
}
