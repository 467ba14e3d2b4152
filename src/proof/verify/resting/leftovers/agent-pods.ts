import type { Finding } from '../../../../findings/report.ts'
import type { Cluster, Pod, StoredObject } from '../../../../kubernetes/cluster.ts'
import { shellQuote } from '../../../shell-quote.ts'
import { type AgentInCluster, accountNamespaces } from '../identities.ts'
import type { Look } from '../looking.ts'
import { TOKEN_SECRET } from './token-secrets.ts'

/** Pods that agents run in: none may hold what opens the API server. */
export async function agentPods(cluster: Cluster, agents: readonly AgentInCluster[]): Promise<Look> {
  const namespaces = accountNamespaces(agents)
  const [pods, secrets] = await Promise.all([
    flat(namespaces.map(namespace => cluster.pods(namespace))),
    flat(namespaces.map(namespace => cluster.secrets(namespace))),
  ])
  const theirs = pods.filter(pod => agents.some(({ account }) => isOf(pod, account)))
  const tokens = secrets.filter(({ type }) => type === TOKEN_SECRET)
  return {
    tried: [
      `${theirs.length} pods of agents' accounts, of ${pods.length} in ${namespaces.join(', ') || 'no namespace'}`,
    ],
    seen: [],
    findings: theirs.flatMap(pod => [...apiToken(pod), ...otherToken(pod, tokens)]),
  }
}

function isOf(pod: Pod, account: AgentInCluster['account']): boolean {
  return account !== null && pod.namespace === account.namespace && pod.account === account.name
}

function apiToken({ name, namespace, account, mountsApiToken }: Pod): readonly Finding[] {
  if (!mountsApiToken) return []
  const where = shellQuote(namespace)
  const patch = JSON.stringify({ automountServiceAccountToken: false })
  return [
    {
      severity: 'error',
      what: `pod ${namespace}/${name} mounts a token that the API server accepts`,
      why: 'The agent can open a connection past the boundary, with every right its account has or will have.',
      mend: `kubectl patch serviceaccount ${shellQuote(account)} -n ${where} -p ${shellQuote(patch)}\nkubectl delete pod ${shellQuote(name)} -n ${where}`,
    },
  ]
}

function otherToken(pod: Pod, tokens: readonly StoredObject[]): readonly Finding[] {
  return tokens
    .filter(({ name, namespace }) => namespace === pod.namespace && pod.secrets.includes(name))
    .map(({ name, namespace, annotations }) => ({
      severity: 'critical',
      what: `pod ${pod.namespace}/${pod.name} reads Secret ${name}, a token of the account ${annotations['kubernetes.io/service-account.name']}`,
      why: 'The agent is that account at the API server, past the boundary.',
      mend: `kubectl delete secret ${shellQuote(name)} -n ${shellQuote(namespace)}`,
    }))
}

async function flat<T>(lists: readonly Promise<readonly T[]>[]): Promise<readonly T[]> {
  return (await Promise.all(lists)).flat()
}
