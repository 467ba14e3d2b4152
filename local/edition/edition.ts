import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderBoundarySecret } from '../../envoy/boundary-secret.ts'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import type { Supervisor } from '../process/supervisor.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { startValkey } from '../valkey.ts'
import { BOUNDARY_ACCOUNT, BOUNDARY_NAMESPACE } from './boundary-namespace.ts'
import { keepFreshToken } from './fresh-token.ts'
import { leasegateOutput } from './leasegate.ts'
import type { Names } from './names.ts'
import { createPeople, type People } from './people.ts'
import { AUDIENCE, policyText } from './policy-text.ts'
import { apply, prepareCluster } from './prepare-cluster.ts'
import {
  type ProcessOptions,
  type Sockets,
  socketsIn,
  startAuthorizer,
  startBroker,
  startEnvoy,
  startTap,
} from './processes.ts'

export interface EditionOptions {
  readonly toolchain: Toolchain
  /** Empty folder with a short path: sockets are in it, and their paths may have 107 bytes. */
  readonly directory: string
  readonly supervisor: Supervisor
  readonly names: Names
  readonly boundaryPort: number
  readonly brokerPort: number
  /** Null: the embedded engine. */
  readonly clickhouseUrl: string | null
  readonly report: (line: string) => void
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
  /** Environment of the leasegate command for somebody. */
  readonly environments: Readonly<Record<'agent' | 'approver' | 'admin', Readonly<Record<string, string>>>>
}

/** Everything on one machine, each part a process of its own, as in production. */
export async function startEdition(options: EditionOptions): Promise<Edition> {
  const { toolchain, directory, supervisor, names, report } = options
  report('starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok')
  const cluster = await startCluster({ toolchain, directory: join(directory, 'cluster'), supervisor })
  await prepareCluster(cluster, names)
  report('starting valkey')
  const redisSocket = await startValkey({ server: toolchain.valkeyServer, directory, supervisor })

  const people = await createPeople(directory)
  const keysDirectory = join(directory, 'keys')
  await leasegateOutput(['keys', 'init', '--dir', keysDirectory])
  const policyFile = await writePolicy(directory, names, cluster, people)
  await grant(cluster, policyFile)

  const processes = {
    supervisor,
    directory,
    redisSocket,
    policyFile,
    keysDirectory,
    clickhouseUrl: options.clickhouseUrl,
  }
  const sockets = socketsIn(directory)
  await startParts(options, processes, sockets, cluster)
  const identityTokenFile = join(directory, 'agent.token')
  await keepFreshToken(cluster, {
    file: identityTokenFile,
    namespace: names.agentNamespace,
    account: names.agent,
    audience: AUDIENCE,
  })
  const shared = commonEnvironment(options, cluster, sockets, processes)
  return {
    names,
    directory,
    cluster,
    sockets,
    processes,
    boundaryUrl: `https://127.0.0.1:${options.boundaryPort}`,
    caFile: cluster.caFile,
    policyFile,
    identityTokenFile,
    environments: {
      agent: { ...shared, LEASEGATE_IDENTITY_TOKEN_FILE: identityTokenFile },
      approver: { ...shared, LEASEGATE_IDENTITY_TOKEN_FILE: await people.tokenFor(names.approver) },
      admin: { ...shared, LEASEGATE_IDENTITY_TOKEN_FILE: await people.tokenFor(names.admin) },
    },
  }
}

async function writePolicy(directory: string, names: Names, cluster: Cluster, people: People): Promise<string> {
  const file = join(directory, 'policy.yaml')
  const issuers = {
    cluster: { issuer: cluster.serviceAccountIssuer, jwksFile: cluster.jwksFile },
    people: { issuer: people.issuer, jwksFile: people.jwksFile },
  }
  await writeFile(file, policyText(names, issuers))
  return file
}

/** Exactly what `leasegate policy rbac` prints, and nothing else. */
async function grant(cluster: Cluster, policyFile: string): Promise<void> {
  const account = `${BOUNDARY_NAMESPACE}/${BOUNDARY_ACCOUNT}`
  await apply(cluster, await leasegateOutput(['policy', 'rbac', policyFile, '--account', account]))
}

async function startParts(
  { toolchain, names: _, report, boundaryPort, brokerPort }: EditionOptions,
  processes: ProcessOptions,
  sockets: Sockets,
  cluster: Cluster,
): Promise<void> {
  report('starting tap, two authorizers and broker')
  await Promise.all([
    startTap(processes, sockets),
    startBroker(processes, sockets),
    ...sockets.authorizers.map((socket, index) => startAuthorizer(processes, socket, `authorizer-${index}`)),
  ])
  const secretFile = await boundarySecret(processes.directory, cluster)
  const server = await cluster.authority.issue({
    name: 'boundary',
    subject: 'CN=leasegate',
    servedAs: ['127.0.0.1', 'localhost'],
  })
  report('starting envoy')
  await startEnvoy(processes, toolchain.envoy, {
    boundary: { address: '127.0.0.1', port: boundaryPort, ...server },
    broker: { address: '127.0.0.1', port: brokerPort, ...server, socket: sockets.broker },
    apiServer: {
      host: '127.0.0.1',
      port: cluster.port,
      certificateName: '127.0.0.1',
      caFile: cluster.caFile,
      credential: 'token',
      secretFile,
    },
    authorizers: sockets.authorizers,
    tapSocket: sockets.tap,
    adminSocket: sockets.envoyAdmin,
  })
}

/** The one cluster credential there is, in a folder that only Envoy is told of. */
async function boundarySecret(directory: string, cluster: Cluster): Promise<string> {
  const folder = join(directory, 'boundary')
  await mkdir(folder, { mode: 0o700 })
  const token = join(folder, 'token')
  await keepFreshToken(cluster, {
    file: token,
    namespace: BOUNDARY_NAMESPACE,
    account: BOUNDARY_ACCOUNT,
    audience: null,
  })
  const secretFile = join(folder, 'secret.json')
  await writeFile(secretFile, renderBoundarySecret(token))
  return secretFile
}

function commonEnvironment(
  { boundaryPort, brokerPort }: EditionOptions,
  { caFile }: Cluster,
  sockets: Sockets,
  processes: ProcessOptions,
): Readonly<Record<string, string>> {
  return {
    LEASEGATE_BROKER_URL: `https://127.0.0.1:${brokerPort}`,
    LEASEGATE_BROKER_CA_FILE: caFile,
    LEASEGATE_BOUNDARY_URL: `https://127.0.0.1:${boundaryPort}`,
    LEASEGATE_BOUNDARY_CA_FILE: caFile,
    LEASEGATE_QUERY_SOCKET: sockets.query,
    ...(processes.clickhouseUrl === null ? {} : { LEASEGATE_CLICKHOUSE_URL: processes.clickhouseUrl }),
  }
}
