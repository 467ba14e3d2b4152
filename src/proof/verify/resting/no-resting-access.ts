import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checked } from '../../../findings/report.ts'
import type { ClusterSide, Endpoint, VerifyParts } from '../parts.ts'
import { accessMatrix } from './access-matrix.ts'
import { directRequests } from './direct-requests.ts'
import { agentsInCluster } from './identities.ts'
import { agentPods } from './leftovers/agent-pods.ts'
import { clientCertificates } from './leftovers/client-certificates.ts'
import { kubeconfigs } from './leftovers/kubeconfigs.ts'
import { standingBindings } from './leftovers/standing-bindings.ts'
import { tokenSecrets } from './leftovers/token-secrets.ts'
import { looking } from './looking.ts'
import { networkPath } from './network-path.ts'

/** Between tasks: what the agent can do by itself, and everything that has been left lying about for it. */
export async function noRestingAccess(parts: VerifyParts, oldToken: string | null): Promise<readonly Checked[]> {
  const apiServer = await findApiServer(parts)
  return [
    await directRequests(parts, apiServer, oldToken),
    ...(parts.platform === null ? [notLookedAt()] : await leftovers(parts, parts.platform)),
    await networkPath(parts, apiServer),
  ]
}

async function leftovers(parts: VerifyParts, platform: ClusterSide): Promise<readonly Checked[]> {
  const { cluster, policy, namespaces } = platform
  const agents = agentsInCluster(policy)
  const own = agents.filter(({ agent }) => agent === parts.agent.name)
  const files = kubeconfigFiles(parts)
  return Promise.all([
    ...own.map(agent =>
      looking('access-matrix', `${agent.agent} has no right of its own on the cluster`, () =>
        accessMatrix(cluster, agent, namespaces),
      ),
    ),
    looking('standing-bindings', 'no binding gives agents or leased identities more than the policy says', () =>
      standingBindings(cluster, policy, agents),
    ),
    looking('token-secrets', "no Secret holds a token of an agent's account", () => tokenSecrets(cluster, agents)),
    looking('client-certificates', 'no client certificate was given out to an agent', () =>
      clientCertificates(cluster, agents, Date.now()),
    ),
    looking('kubeconfigs', 'no kubeconfig with a credential lies where agents can read it', () =>
      kubeconfigs(cluster, agents, files),
    ),
    looking('agent-pods', 'no pod of an agent holds a token for the API server', () => agentPods(cluster, agents)),
  ])
}

/** In an agent's own pod, the files that kubectl would read. Elsewhere they are the platform engineer's, and no leftover. */
function kubeconfigFiles({ env }: VerifyParts): readonly string[] {
  if ((env['KUBERNETES_SERVICE_HOST'] ?? '') === '') return []
  const named = (env['KUBECONFIG'] ?? '').split(':').filter(file => file !== '')
  const home = env['HOME'] ?? ''
  return home === '' ? named : [...named, join(home, '.kube', 'config')]
}

const POD_CA = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'

async function findApiServer({ platform, env }: VerifyParts): Promise<Endpoint | null> {
  if (platform !== null) return { server: platform.cluster.server, ca: platform.cluster.ca }
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  if (host === '') return null
  const ca = await readFile(POD_CA, 'utf8').catch(() => null)
  return { server: `https://${host}:${env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? '443'}`, ca }
}

function notLookedAt(): Checked {
  return {
    name: 'leftovers',
    title: 'nothing in the cluster gives the agent a right of its own',
    tried: [],
    seen: [],
    findings: [
      {
        severity: 'unknown',
        what: 'rights, bindings, Secrets, certificates and pods were not looked at',
        why: 'That takes an account that may read them, which no agent should have.',
        mend: 'Run it as a platform engineer: leasegate verify --kubeconfig FILE --policy FILE',
      },
    ],
  }
}
