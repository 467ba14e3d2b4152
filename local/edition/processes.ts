import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { renderEnvoy } from '../../envoy/render.ts'
import { renderCertificateSecret } from '../../envoy/secrets.ts'
import type { EnvoySettings } from '../../envoy/settings.ts'
import type { CertificateFiles } from '../pki.ts'
import { listensOn } from '../process/listens-on.ts'
import type { Started, Supervisor } from '../process/supervisor.ts'
import { MAIN, SOURCE } from './leasegate.ts'
import type { ConsoleHere } from './sign-in/open-sign-in.ts'

export interface ProcessOptions {
  readonly supervisor: Supervisor
  readonly directory: string
  readonly redisSocket: string
  readonly policyFile: string
  readonly keysDirectory: string
  /** Null: the embedded engine. */
  readonly clickhouseUrl: string | null
  /** Null: the product's own default. */
  readonly leaseTokenTtl?: string | null
  /** Null: without a console. */
  readonly console?: ConsoleHere | null
  /** What the broker makes plans with; null: it makes none. */
  readonly planner?: PlannerHere | null
  /** Each role begins anew when a file that it has loaded changes. */
  readonly watch?: boolean
}

export interface PlannerHere {
  readonly url: string
  readonly tokenFile: string
  readonly caFile: string
}

export interface Sockets {
  readonly authorizers: readonly string[]
  readonly tap: string
  readonly recorder: string
  readonly query: string
  readonly broker: string
  readonly envoyAdmin: string
}

export function socketsIn(directory: string): Sockets {
  const at = (name: string) => join(directory, `${name}.sock`)
  return {
    authorizers: [at('authorizer-0'), at('authorizer-1')],
    tap: at('tap'),
    recorder: at('recorder'),
    query: at('query'),
    broker: at('broker'),
    envoyAdmin: at('envoy-admin'),
  }
}

/** Of Node.js: it knows what a process has loaded, and starts one whose program is broken when that is mended. */
const WATCHED = ['--watch', '--watch-preserve-output']

type Environment = Readonly<Record<string, string>>

export function storeSettings({ redisSocket }: Pick<ProcessOptions, 'redisSocket'>): Environment {
  return {
    LEASEGATE_REDIS_URL: `unix://${redisSocket}`,
    LEASEGATE_DURABILITY: 'always',
    // Four partitions of it are half of what Valkey may hold here.
    LEASEGATE_JOURNAL_HIGH_BYTES: '54000000',
    LEASEGATE_JOURNAL_HARD_BYTES: '60000000',
  }
}

/** For the tap, and for who may watch. */
export function sessionKeyFile(keysDirectory: string): string {
  return join(keysDirectory, 'session.keys.json')
}

/** As `leasegate keys ledger` names them: the tap signs with one, whoever verifies has the other. */
export function ledgerKeyFiles(keysDirectory: string): { readonly signing: string; readonly verify: string } {
  return { signing: join(keysDirectory, 'ledger.key.pem'), verify: join(keysDirectory, 'ledger.pub.pem') }
}

/** On this machine it lies beside the record; elsewhere it is where ClickHouse's people cannot write. */
export function ledgerDirectory(directory: string): string {
  return join(directory, 'ledgers')
}

export function startTap(options: ProcessOptions, sockets: Sockets): Promise<Started> {
  const { directory, clickhouseUrl } = options
  return startRole(options, 'tap', 'tap', sockets.tap, {
    LEASEGATE_TAP_LISTEN: `unix:${sockets.tap}`,
    LEASEGATE_QUERY_SOCKET: sockets.query,
    LEASEGATE_ENVOY_ADMIN_SOCKET: sockets.envoyAdmin,
    LEASEGATE_OUTCOMES_DIRECTORY: join(directory, 'outcomes'),
    LEASEGATE_RECORDER_LISTEN: `unix:${sockets.recorder}`,
    LEASEGATE_SESSIONS_DIRECTORY: join(directory, 'sessions'),
    LEASEGATE_SESSION_KEY_FILE: sessionKeyFile(options.keysDirectory),
    LEASEGATE_LEDGER_DIRECTORY: ledgerDirectory(directory),
    LEASEGATE_LEDGER_KEY_FILE: ledgerKeyFiles(options.keysDirectory).signing,
    ...(clickhouseUrl === null
      ? { LEASEGATE_CLICKHOUSE_DIRECTORY: join(directory, 'clickhouse') }
      : { LEASEGATE_CLICKHOUSE_URL: clickhouseUrl }),
  })
}

export function startAuthorizer(options: ProcessOptions, socket: string, name: string): Promise<Started> {
  return startRole(options, 'authorizer', name, socket, {
    LEASEGATE_AUTHORIZER_LISTEN: `unix:${socket}`,
    LEASEGATE_POLICY_FILE: options.policyFile,
    LEASEGATE_PUBLIC_KEYS_FILE: join(options.keysDirectory, 'public.jwks.json'),
    LEASEGATE_DRAIN_LIMIT: '2s',
    // A denial says where its approver can answer.
    ...(options.console == null ? {} : { LEASEGATE_CONSOLE_URL: options.console.url }),
  })
}

export function startBroker(options: ProcessOptions, sockets: Sockets): Promise<Started> {
  return startRole(options, 'broker', 'broker', sockets.broker, {
    LEASEGATE_BROKER_LISTEN: `unix:${sockets.broker}`,
    LEASEGATE_POLICY_FILE: options.policyFile,
    LEASEGATE_PUBLIC_KEYS_FILE: join(options.keysDirectory, 'public.jwks.json'),
    LEASEGATE_SIGNING_KEYS_FILE: join(options.keysDirectory, 'signing.jwks.json'),
    LEASEGATE_DRAIN_LIMIT: '2s',
    ...consoleSettings(options, sockets),
    ...(options.leaseTokenTtl == null ? {} : { LEASEGATE_LEASE_TOKEN_TTL: options.leaseTokenTtl }),
    ...plannerSettings(options.planner ?? null),
  })
}

function consoleSettings({ console, clickhouseUrl }: ProcessOptions, sockets: Sockets): Environment {
  if (console == null) return {}
  return {
    LEASEGATE_QUERY_SOCKET: sockets.query,
    ...(clickhouseUrl === null ? {} : { LEASEGATE_CLICKHOUSE_URL: clickhouseUrl }),
    LEASEGATE_CONSOLE_URL: console.url,
    LEASEGATE_CONSOLE_ISSUER: console.issuer,
    LEASEGATE_CONSOLE_CLIENT_SECRET_FILE: console.clientSecretFile,
  }
}

function plannerSettings(planner: PlannerHere | null): Environment {
  if (planner === null) return {}
  return {
    LEASEGATE_PLAN_SERVER_URL: planner.url,
    LEASEGATE_PLAN_TOKEN_FILE: planner.tokenFile,
    LEASEGATE_PLAN_CA_FILE: planner.caFile,
    // Envoy knows a recorder in every edition.
    LEASEGATE_PLAN_SESSIONS: 'recorded',
  }
}

export type EnvoyHere = Omit<EnvoySettings, 'serverSecretFile'> & { readonly server: CertificateFiles }

export async function startEnvoy(
  { supervisor, directory }: ProcessOptions,
  envoy: string,
  { server, ...settings }: EnvoyHere,
): Promise<Started> {
  const config = join(directory, 'envoy.json')
  const serverSecretFile = join(directory, 'envoy-server.json')
  await writeFile(serverSecretFile, renderCertificateSecret(server))
  await writeFile(config, renderEnvoy({ ...settings, serverSecretFile }))
  return supervisor.start({
    name: 'envoy',
    command: envoy,
    args: ['-c', config, '--concurrency', '2', '--log-level', 'warn', '--use-dynamic-base-id'],
    logFile: join(directory, 'envoy.log'),
    isReady: () => adminSays(settings.adminSocket, '/ready', 'LIVE'),
  })
}

/** Where a process tells its metrics; `name` as the supervisor has it. */
export function healthSocket({ directory }: Pick<ProcessOptions, 'directory'>, name: string): string {
  return join(directory, `${name}.health.sock`)
}

function startRole(
  options: ProcessOptions,
  role: string,
  name: string,
  socket: string,
  settings: Environment,
): Promise<Started> {
  const { supervisor, directory } = options
  return supervisor.start({
    name,
    command: process.execPath,
    args: [...(options.watch ? [...WATCHED, SOURCE] : [MAIN]), role],
    env: { ...storeSettings(options), LEASEGATE_HEALTH_LISTEN: `unix:${healthSocket(options, name)}`, ...settings },
    logFile: join(directory, `${name}.log`),
    isReady: () => listensOn(socket),
  })
}

/** Envoy is ready for traffic when all clusters had their first health check. */
function adminSays(socketPath: string, path: string, answer: string): Promise<boolean> {
  return new Promise(resolve => {
    const asking = request({ socketPath, path }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', text => (body += text))
      response.once('end', () => resolve(body.trim() === answer))
    })
    asking.once('error', () => resolve(false))
    asking.end()
  })
}
