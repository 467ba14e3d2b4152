import { X509Certificate } from 'node:crypto'
import type { Cluster, SigningRequest } from '../../../../kubernetes/cluster.ts'
import { shellQuote } from '../../../shell-quote.ts'
import type { AgentInCluster } from '../identities.ts'
import type { Look } from '../looking.ts'

interface Issued {
  readonly request: SigningRequest
  readonly user: string
  readonly groups: readonly string[]
  readonly until: Date
}

/** Client certificates that were signed through the cluster for an agent, or on an agent's demand, and are still good. */
export async function clientCertificates(
  cluster: Cluster,
  agents: readonly AgentInCluster[],
  now: number,
): Promise<Look> {
  const requests = await cluster.signingRequests()
  const issued = requests.flatMap(toIssued).filter(({ until }) => until.getTime() > now)
  const theirs = issued.filter(each => isAgents(each, agents))
  return {
    tried: [`${requests.length} CertificateSigningRequests`],
    seen: [`${issued.length} certificates that are still good, ${theirs.length} of them an agent's`],
    findings: theirs.map(({ request, user, until }) => ({
      severity: 'critical',
      what: `CertificateSigningRequest ${request.name} (asked for by ${request.requestedBy}) gave out a client certificate for ${user}, good until ${until.toISOString()}`,
      why: 'It opens the API server past the boundary, and Kubernetes cannot revoke it.',
      mend: `kubectl delete csr ${shellQuote(request.name)}\n# hides the copy in the cluster; whoever has the key is ${shellQuote(user)} until it ends: take all rights from that name, or change the CA`,
    })),
  }
}

function toIssued(request: SigningRequest): readonly Issued[] {
  if (request.certificate === null) return []
  try {
    const { subject, validToDate } = new X509Certificate(request.certificate)
    const parts = subject.split('\n')
    const all = (key: string) =>
      parts.filter(part => part.startsWith(`${key}=`)).map(part => part.slice(key.length + 1))
    return [{ request, user: all('CN')[0] ?? '', groups: all('O'), until: validToDate }]
  } catch {
    // A signer may put anything there; what is no certificate opens nothing.
    return []
  }
}

function isAgents({ request, user, groups }: Issued, agents: readonly AgentInCluster[]): boolean {
  const users = agents.flatMap(({ own, aliases, leased }) => [own.user, ...aliases, leased.user])
  const isOurs = (name: string) => users.includes(name) || name.startsWith('leasegate:')
  return isOurs(user) || isOurs(request.requestedBy) || groups.some(isOurs)
}
