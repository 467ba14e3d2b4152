import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { type CertificateFiles, createAuthority } from '../pki.ts'
import { keepBoundaryCredential, keepPlannerToken } from './cluster/boundary-credential.ts'
import { BOUNDARY_ACCOUNT, BOUNDARY_NAMESPACE, PLANNER_ACCOUNT } from './cluster/boundary-namespace.ts'
import { keepFreshToken } from './cluster/fresh-token.ts'
import { apply, prepareCluster } from './cluster/prepare-cluster.ts'
import { leasegateOutput } from './leasegate.ts'
import type { Names } from './names.ts'
import { type PartsOptions, startParts, startShared } from './parts.ts'
import { createPeople, type People } from './people.ts'
import { AUDIENCE, policyText } from './policy-text.ts'
import type { ProcessOptions, Sockets } from './processes.ts'
import { ledgerDirectory, ledgerKeyFiles, sessionKeyFile } from './processes.ts'
import { issuerAt } from './sign-in/identity-provider.ts'
import { openSignIn, type SignInHere } from './sign-in/open-sign-in.ts'

export interface EditionOptions extends PartsOptions {
  readonly names: Names
  /** Where people sign in to the console. */
  readonly signInPort: number
  /** More flags for kube-apiserver. */
  readonly apiServerFlags?: readonly string[]
}

export interface Edition {
  readonly names: Names
  readonly directory: string
  readonly cluster: Cluster
  readonly sockets: Sockets
  readonly processes: ProcessOptions
  readonly boundaryUrl: string
  readonly caFile: string
  readonly policyFile: string
  readonly identityTokenFile: string
  /** With which whoever verifies the record checks its ledger. */
  readonly ledgerKeyFile: string
  readonly console: SignInHere
  /** What the agent may show beside its token; null: clients are asked for none. */
  readonly certificate: CertificateFiles | null
  /** Environment of the leasegate command for somebody. */
  readonly environments: Readonly<Record<'agent' | 'approver' | 'admin', Readonly<Record<string, string>>>>
}

/** Everything on one machine: a cluster of our own, and the parts in front of it. */
export async function startEdition(options: EditionOptions): Promise<Edition> {
  const { toolchain, directory, supervisor, names, apiServerFlags = [], report } = options
  report('starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok')
  const [shared, cluster] = await Promise.all([
    startShared(options),
    startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor, apiServerFlags }),
  ])
  await prepareCluster(cluster, names)
  const people = await createPeople(directory, issuerAt(options.signInPort))
  const console = await openSignIn({ ...options, people })
  const own = options.clientCertificates === true ? await ownCertificate(directory, names) : null
  const policyFile = await writePolicy(directory, names, { cluster, people, agentsCaFile: own?.caFile ?? null })
  await grant(cluster, policyFile)

  const { port, caFile, authority } = cluster
  const { secretFile } = await keepBoundaryCredential(cluster, directory, BOUNDARY_NAMESPACE)
  const apiServer = { host: '127.0.0.1', port, certificateName: '127.0.0.1', caFile, secretFile }
  const tokenFile = await keepPlannerToken(cluster, directory, BOUNDARY_NAMESPACE)
  const planner = { url: cluster.server, tokenFile, caFile }
  const parts = await startParts(options, shared, { policyFile, authority, apiServer, console, planner })
  const identityTokenFile = join(directory, 'agent.token')
  await keepFreshToken(cluster, {
    file: identityTokenFile,
    namespace: names.agentNamespace,
    account: names.agent,
    audience: AUDIENCE,
  })
  const { environment, sockets, processes, boundaryUrl } = parts
  const as = (file: string) => ({ ...environment, LEASEGATE_IDENTITY_TOKEN_FILE: file })
  return {
    names,
    directory,
    cluster,
    sockets,
    processes,
    boundaryUrl,
    caFile,
    policyFile,
    identityTokenFile,
    ledgerKeyFile: ledgerKeyFiles(shared.keysDirectory).verify,
    console,
    certificate: own,
    environments: {
      agent: as(identityTokenFile),
      approver: as(await people.tokenFor(names.approver)),
      admin: {
        ...as(await people.tokenFor(names.admin)),
        LEASEGATE_SESSION_KEY_FILE: sessionKeyFile(shared.keysDirectory),
        LEASEGATE_LEDGER_DIRECTORY: ledgerDirectory(directory),
      },
    },
  }
}

/** Of an authority that vouches for agents, and for nothing else. */
async function ownCertificate(
  directory: string,
  names: Names,
): Promise<CertificateFiles & { readonly caFile: string }> {
  const folder = join(directory, 'certificates')
  await mkdir(folder, { mode: 0o700 })
  const { caFile, issue } = await createAuthority(folder)
  return { caFile, ...(await issue({ name: 'agent', subject: `CN=${names.agent}` })) }
}

interface Written {
  readonly cluster: Cluster
  readonly people: People
  readonly agentsCaFile: string | null
}

async function writePolicy(
  directory: string,
  names: Names,
  { cluster, people, agentsCaFile }: Written,
): Promise<string> {
  const file = join(directory, 'policy.yaml')
  const issuers = {
    cluster: { issuer: cluster.serviceAccountIssuer, jwksFile: cluster.jwksFile },
    people: { issuer: people.issuer, jwksFile: people.jwksFile },
  }
  await writeFile(file, policyText(names, issuers, agentsCaFile))
  return file
}

/** Exactly what `leasegate policy rbac` prints, and nothing else. */
async function grant(cluster: Cluster, policyFile: string): Promise<void> {
  const account = `${BOUNDARY_NAMESPACE}/${BOUNDARY_ACCOUNT}`
  const planner = `${BOUNDARY_NAMESPACE}/${PLANNER_ACCOUNT}`
  const printed = await leasegateOutput(['policy', 'rbac', policyFile, '--account', account, '--planner', planner])
  await apply(cluster, printed)
}
