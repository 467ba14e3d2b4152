import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EnvoySettings, socket } from '../../envoy/settings.ts'
import { withNewKey } from '../../src/session/store/keys/key-file.ts'
import type { Authority } from '../pki.ts'
import type { Supervisor } from '../process/supervisor.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { startValkey } from '../valkey.ts'
import { leasegateOutput } from './leasegate.ts'
import {
  type EnvoyHere,
  type PlannerHere,
  type ProcessOptions,
  type Sockets,
  sessionKeyFile,
  socketsIn,
  startAuthorizer,
  startBroker,
  startEnvoy,
  startTap,
} from './processes.ts'
import type { ConsoleHere } from './sign-in/open-sign-in.ts'

/** What is the same in front of every cluster. */
export interface PartsOptions {
  readonly toolchain: Toolchain
  /** Folder with a short path: sockets are in it, and their paths may have 107 bytes. */
  readonly directory: string
  readonly supervisor: Supervisor
  readonly boundaryPort: number
  readonly brokerPort: number
  /** Null: the embedded engine. */
  readonly clickhouseUrl: string | null
  /** Null: the product's own default. */
  readonly leaseTokenTtl?: string | null
  readonly watch?: boolean
  /** Whether clients are asked for a certificate, browsers among them. */
  readonly clientCertificates?: boolean
  readonly report: (line: string) => void
}

export interface Behind {
  readonly policyFile: string
  /** Signs the certificate of boundary and broker. */
  readonly authority: Authority
  readonly apiServer: Omit<EnvoySettings['apiServer'], 'credential'>
  /** How people sign in; null: there is no console. */
  readonly console: ConsoleHere | null
  /** What plans are made with. */
  readonly planner: PlannerHere
}

export interface Parts {
  readonly sockets: Sockets
  readonly processes: ProcessOptions
  readonly boundaryUrl: string
  /** Settings of the leasegate command that everybody has. */
  readonly environment: Readonly<Record<string, string>>
}

/** What the parts share, whatever cluster is behind them. */
export interface Shared {
  readonly redisSocket: string
  readonly keysDirectory: string
}

/** Valkey and the lease keys. */
export async function startShared({ toolchain, directory, supervisor, report }: PartsOptions): Promise<Shared> {
  report('starting valkey')
  const keysDirectory = join(directory, 'keys')
  const [redisSocket] = await Promise.all([
    startValkey({ server: toolchain.valkeyServer, directory, supervisor }),
    makeKeys(keysDirectory),
  ])
  return { redisSocket, keysDirectory }
}

async function makeKeys(directory: string): Promise<void> {
  await leasegateOutput(['keys', 'init', '--dir', directory])
  await leasegateOutput(['keys', 'ledger', '--dir', directory])
  // As leasegate keys sessions does.
  await writeFile(sessionKeyFile(directory), withNewKey([]).text, { mode: 0o600 })
}

/** Tap, two authorizers, broker and Envoy in front of a cluster, each a process of its own, as in production. */
export async function startParts(options: PartsOptions, shared: Shared, behind: Behind): Promise<Parts> {
  const { toolchain, directory, supervisor, clickhouseUrl, leaseTokenTtl = null, watch = false, report } = options
  const { policyFile, console, planner } = behind
  const here = { supervisor, directory, ...shared, policyFile, clickhouseUrl }
  const processes = { ...here, leaseTokenTtl, console, planner, watch }
  const sockets = socketsIn(directory)
  report('starting tap, two authorizers and broker')
  await Promise.all([
    startTap(processes, sockets),
    startBroker(processes, sockets),
    ...sockets.authorizers.map((socket, index) => startAuthorizer(processes, socket, `authorizer-${index}`)),
  ])
  report('starting envoy')
  await startEnvoy(processes, toolchain.envoy, await envoySettings(options, behind, sockets))
  return {
    sockets,
    processes,
    boundaryUrl: `https://127.0.0.1:${options.boundaryPort}`,
    environment: environment(options, behind, sockets),
  }
}

async function envoySettings(
  { boundaryPort, brokerPort, clientCertificates = false }: PartsOptions,
  { authority, apiServer }: Behind,
  sockets: Sockets,
): Promise<EnvoyHere> {
  const server = await authority.issue({
    name: 'boundary',
    subject: 'CN=leasegate',
    servedAs: ['127.0.0.1', 'localhost'],
  })
  return {
    boundary: { address: '127.0.0.1', port: boundaryPort },
    broker: { address: '127.0.0.1', port: brokerPort },
    server,
    clientCertificates,
    apiServer: { ...apiServer, credential: 'token' },
    authorizers: sockets.authorizers.map(socket),
    tap: socket(sockets.tap),
    recorder: socket(sockets.recorder),
    brokerPart: socket(sockets.broker),
    adminSocket: sockets.envoyAdmin,
  }
}

function environment(
  { boundaryPort, brokerPort, clickhouseUrl }: PartsOptions,
  { authority: { caFile } }: Behind,
  sockets: Sockets,
): Readonly<Record<string, string>> {
  return {
    LEASEGATE_BROKER_URL: `https://127.0.0.1:${brokerPort}`,
    LEASEGATE_BROKER_CA_FILE: caFile,
    LEASEGATE_BOUNDARY_URL: `https://127.0.0.1:${boundaryPort}`,
    LEASEGATE_BOUNDARY_CA_FILE: caFile,
    LEASEGATE_QUERY_SOCKET: sockets.query,
    ...(clickhouseUrl === null ? {} : { LEASEGATE_CLICKHOUSE_URL: clickhouseUrl }),
  }
}
